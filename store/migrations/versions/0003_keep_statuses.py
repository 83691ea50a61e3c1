"""Keep which candidate status an event named."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    op.add_column("events", sa.Column("status", sa.Text()))
    op.create_index(
        "ix_events_status",
        "events",
        ["customer_id", "status", "at"],
        sqlite_where=sa.text("status IS NOT NULL"),
        postgresql_where=sa.text("status IS NOT NULL"),
    )
