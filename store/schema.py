"""The tables. A change here needs a migration in `store/migrations/versions`; a test compares the two."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.types import Instant, Key, Number, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

jobs = Table(
    "jobs",
    metadata,
    Column("customer_id", Key, primary_key=True),
    Column("job_id", Key, primary_key=True),
    Column("title", Words),
    Column("number", Words),
    Column("intent", Words),
    Column("phase", Words),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
)

postings = Table(
    "postings",
    metadata,
    # The board's name for the posting in one spelling: an IRI finds its job by the primary key.
    Column("board", Key, primary_key=True),
    Column("posting_key", Key, primary_key=True),
    Column("customer_id", Key, primary_key=True),
    Column("job_id", Key, primary_key=True),
    Column("posting_id", Words, nullable=False),
    Column("url", Words),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("live", Boolean),
    Column("source", Words, nullable=False),
    Column("account", Words),
    Index("ix_postings_customer_id_job_id", "customer_id", "job_id"),
)

good_customers = Table(
    "good_customers",
    metadata,
    Column("customer_id", Key, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("good_at", Instant, nullable=False),
)

set_values = Table(
    "set_values",
    metadata,
    Column("customer_id", Key, primary_key=True),
    Column("job_id", Key, primary_key=True),
    Column("board", Key, primary_key=True),
    Column("posting_key", Key, primary_key=True),
    Column("field", Key, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("set_at", Instant, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("leaf", Number, primary_key=True, autoincrement=False),
    Column("workflow_id", Key, nullable=False),
    Column("run_id", Key, nullable=False),
    Column("customer_id", Key, nullable=False),
    Column("job_id", Key, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("body", LargeBinary),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("removed_at", Instant),
    UniqueConstraint("workflow_id", "run_id"),
    Index("ix_receipts_customer_id_job_id_leaf", "customer_id", "job_id", "leaf"),
    Index("ix_receipts_ended_at", "ended_at"),
)

closes = Table(
    "closes",
    metadata,
    Column("leaf", Number, primary_key=True, autoincrement=False),
    Column("board", Key, primary_key=True),
    Column("customer_id", Key, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("proven", Boolean, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("settled_at", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
    Index("ix_closes_board_settled_at", "board", "settled_at"),
    Index("ix_closes_customer_id_board_settled_at", "customer_id", "board", "settled_at"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", Number, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("tree_size", Number, primary_key=True, autoincrement=False),
    Column("root_hash", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", Instant, nullable=False),
)

checks = Table(
    "checks",
    metadata,
    Column("id", Number, primary_key=True),
    Column("customer_id", Key, nullable=False),
    Column("job_id", Key, nullable=False),
    Column("board", Key, nullable=False),
    Column("run_id", Key, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("found", Words),
    Column("evidence", Words),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("leased_by", Words),
    Column("leased_until", Instant),
    UniqueConstraint("customer_id", "job_id", "board", "run_id", "due_at"),
    Index(
        "ix_checks_due_at",
        "due_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index("ix_checks_done_at", "done_at"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Number, primary_key=True),
    Column("run_id", Key, nullable=False),
    Column("customer_id", Key, nullable=False),
    Column("job_id", Key, nullable=False),
    Column("board", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("evidence", Words, nullable=False),
    Column("remedy", Words, nullable=False),
    Column("acted", Boolean, nullable=False),
    Column("found_at", Instant, nullable=False),
    UniqueConstraint("run_id", "customer_id", "job_id", "board", "kind"),
    Index("ix_findings_customer_id_found_at", "customer_id", "found_at"),
)

events = Table(
    "events",
    metadata,
    Column("id", Number, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("sender", Words, nullable=False),
    Column("customer_id", Key),
    Column("job_id", Key),
    Column("type", Words, nullable=False),
    Column("result", Words, nullable=False),
    Column("reason", Words),
    Column("body_digest", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("replayed_at", Instant),
    Column("status", Words),
    Index("ix_events_at", "at"),
    Index("ix_events_customer_id_job_id_id", "customer_id", "job_id", "id"),
    Index(
        "ix_events_refused",
        "id",
        sqlite_where=text("result = 'refused'"),
        postgresql_where=text("result = 'refused'"),
    ),
    Index(
        "ix_events_status",
        "customer_id",
        "status",
        "at",
        sqlite_where=text("status IS NOT NULL"),
        postgresql_where=text("status IS NOT NULL"),
    ),
    Index(
        "ix_events_sealed",
        "id",
        sqlite_where=text("sealed IS NOT NULL"),
        postgresql_where=text("sealed IS NOT NULL"),
    ),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Number, primary_key=True),
    Column("job_key", Key, nullable=False),
    Column("kind", Words, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("repeat_key", Key, unique=True),
    Column("received_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("leased_by", Words),
    Column("leased_until", Instant),
    Column("delivered_at", Instant),
    Column("error", Words),
    Index(
        "ix_inbox_waiting",
        "received_at",
        "id",
        sqlite_where=text("delivered_at IS NULL"),
        postgresql_where=text("delivered_at IS NULL"),
    ),
    Index(
        "ix_inbox_waiting_job",
        "job_key",
        "leased_until",
        sqlite_where=text("delivered_at IS NULL"),
        postgresql_where=text("delivered_at IS NULL"),
    ),
)

tokens = Table(
    "tokens",
    metadata,
    Column("credential", Key, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("expires_at", Instant),
    Column("leased_by", Words),
    Column("leased_until", Instant),
    Column("changed_at", Instant, nullable=False),
)

quotas = Table(
    "quotas",
    metadata,
    Column("customer_id", Key, primary_key=True),
    Column("day", Key, primary_key=True),
    Column("used", Integer, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Number, primary_key=True),
    Column("what", Words, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("count", Integer, nullable=False),
)
