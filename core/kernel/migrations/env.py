"""What Alembic runs: the revisions on the connection that `run.py` hands over, in its transaction."""

from alembic import context

from core.kernel.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,
)
context.run_migrations()
