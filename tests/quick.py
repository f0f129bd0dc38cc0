"""What makes many small databases in one process cheap, and changes nothing of what happens in them.

SQLAlchemy compiles a statement once an engine, and a test has engines of its own: all of them use what was compiled for the
first. Laying out a new file takes a hundred times as long as copying one that is empty but laid out.
"""

import atexit
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from shutil import copyfile, rmtree
from typing import Any

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

from core.kernel import database as product
from core.kernel.database import Database, open_station
from core.kernel.uow import Role

KEY = bytes(range(32))
"""Of every station's file that a test makes itself."""
_STATEMENTS = 5_000
_SHARED: dict[str, Any] = {}


def share_statements() -> None:
    """Let every SQLite that is opened in this process use the statements compiled for the first."""
    if "engine" not in _SHARED:
        _SHARED["engine"], product._sqlite = product._sqlite, _sharing(product._sqlite)  # type: ignore[assignment]


def _sharing(engine_of: Callable[..., sa.Engine]) -> Callable[..., sa.Engine]:
    def shared(*arguments: Any, **options: Any) -> sa.Engine:
        engine = engine_of(*arguments, **options)
        engine.dialect = _SHARED.setdefault("dialect", engine.dialect)
        engine._compiled_cache = _SHARED.setdefault("compiled", LRUCache(_STATEMENTS))
        return engine

    return shared


def kept_open(database: Database) -> Database:
    """Let a database's connections be used again by whoever asks next, as a hub's are: each new one reads the whole schema."""
    for engine in (database._writer, database._reader):
        old = engine.pool
        engine.pool = sa.pool.QueuePool(old._creator, dialect=engine.dialect, _dispatch=old.dispatch)  # type: ignore[arg-type]
    return database


def open_new(path: Path, role: Role = Role.AUTHORITY) -> Database:
    """Open a station's file under the tests' key; one that is not there yet is empty and laid out."""
    if not path.exists():
        copyfile(_laid_out(role), path)
    return open_station(path, KEY, role=role)


@cache
def _laid_out(role: Role) -> Path:
    """Return an empty file of a role, made once a process."""
    import core.everything  # noqa: F401, PLC0415  every table must be declared before the file is made

    folder = Path(tempfile.mkdtemp(prefix="dockside-laid-out-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    made = open_station(folder / "empty.db", KEY, role=role)
    made.prepare()
    made.dispose()
    return folder / "empty.db"


__all__ = ["KEY", "kept_open", "open_new", "share_statements"]
