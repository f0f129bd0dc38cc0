"""Everything made again from the operation log alone, and held against what is stored, row by row.

What the ledger says is compared with itself elsewhere; here a row that no operation wrote, one that an operation wrote
and that is gone, and one that says something else are all found, in every table that travels or follows from one that
does. A log that is not whole makes nothing: its breaks are told first.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.kernel.database import open_station
from core.kernel.rebuild import rebuild
from core.kernel.tablehash import HASHED
from core.kernel.tables import TABLES, TableInfo
from core.kernel.verify import Difference


def verify_again(source: sa.Connection, scratch: Path, key: bytes) -> Iterator[Difference]:
    """Yield every difference between a database and what its log makes of an empty one.

    Args:
        source: reads the database.
        scratch: where the other one is made, under the same key; whoever calls removes it.
        key: of both.
    """
    again = open_station(scratch, key)
    try:
        again.prepare()
        try:
            rebuild(source, again)
        except sa.exc.IntegrityError as refused:
            yield Difference("op_log", "applied again", "every operation to be written", f"one refused: {refused.orig}")
            return
        with again.reading() as made:
            for _, info in sorted(TABLES.items()):
                if info.kind in HASHED:
                    yield from _table(info, source, made)
    finally:
        again.dispose()


def _table(info: TableInfo, source: sa.Connection, again: sa.Connection) -> Iterator[Difference]:
    """Walk both tables in the order of their keys."""
    query = sa.select(info.sql).order_by(*(info.sql.c[name] for name in info.key))
    place = [info.columns.index(name) for name in info.key]
    stored, made = iter(source.execute(query)), iter(again.execute(query))
    have, want = next(stored, None), next(made, None)
    while have is not None or want is not None:
        have_key = None if have is None else tuple(have[at] for at in place)
        want_key = None if want is None else tuple(want[at] for at in place)
        if want_key is None or (have_key is not None and have_key < want_key):
            yield Difference(info.name, _shown(have_key), "no such row by the log", "one")
            have = next(stored, None)
        elif have_key is None or want_key < have_key:
            yield Difference(info.name, _shown(want_key), "a row by the log", "none")
            want = next(made, None)
        else:
            for name, old, new in zip(info.columns, have or (), want or (), strict=True):
                if old != new:
                    words = (f"{name} {_word(each)} {by}".strip() for each, by in ((new, "by the log"), (old, "")))
                    yield Difference(info.name, _shown(want_key), *words)
            have, want = next(stored, None), next(made, None)


def _shown(key: tuple[Any, ...] | None) -> str:
    return "/".join(_word(value) for value in key or ())


def _word(value: Any) -> str:
    """Return a value on one line, not longer than a person reads."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
