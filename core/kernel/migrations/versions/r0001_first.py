"""The first tables, as they were declared on the day of the first release.

The statements are frozen text per database: a revision must not change when a declaration does.
"""

from importlib.resources import files

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    dialect = op.get_bind().dialect.name
    text = files("core.kernel.migrations.versions").joinpath(f"r0001.{dialect}.sql").read_text(encoding="utf-8")
    for statement in filter(None, (part.strip() for part in text.split(";\n"))):
        op.get_bind().exec_driver_sql(statement)
