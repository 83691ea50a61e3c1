"""Run the steps on the connection that `store.admin.migrate` opened."""

from alembic import context

from store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Both databases take a failed step back, tables included.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
