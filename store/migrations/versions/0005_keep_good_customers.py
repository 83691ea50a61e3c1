"""Keep the last good version of each customer's configuration, sealed."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, Key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "good_customers",
        sa.Column("customer_id", Key, primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("good_at", Instant, nullable=False),
    )
