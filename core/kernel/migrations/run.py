"""Running the revisions on an open connection; the caller holds the transaction."""

import os
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from core.kernel import guards

HERE = Path(__file__).parent
VERSIONS = [HERE / "versions"]
"""Where revisions lie."""


def upgrade_to_head(connection: sa.Connection) -> None:
    """Apply every revision that a database lacks, an empty one too; its triggers are taken off first."""
    config = Config()
    config.set_main_option("script_location", _option(HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(_option, VERSIONS)))
    config.attributes["connection"] = connection
    guards.drop_guards(connection)
    command.upgrade(config, "head")


def _option(folder: Path) -> str:
    return str(folder).replace("%", "%%")
