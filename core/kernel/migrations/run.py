"""Running the revisions on an open connection."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from core.kernel import guards


def upgrade_to_head(connection: sa.Connection) -> None:
    """Apply every revision that a database lacks, in one transaction; its triggers are taken off first."""
    _run(connection, "head")


def upgrade_from_nothing(connection: sa.Connection, revision: str = "head") -> None:
    """Make the tables by applying the revisions to an empty database: what the comparison test does."""
    _run(connection, revision)


def _run(connection: sa.Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    with connection.begin():
        guards.drop_guards(connection)
        command.upgrade(config, revision)
