"""What is written out for speed says what the general words say: every station reads both."""

from dataclasses import fields
from enum import Enum
from typing import Any, cast

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401  every table must be declared
from core.kernel import codec
from core.kernel.feed import TRAVELS, Feed, FeedKind, content_text, feed_hash, key_text, key_text_of, row_of
from core.kernel.ids import SiteId
from core.kernel.operations import GENESIS, chain_hash
from core.kernel.tables import TABLES, Row, TableClass, TableInfo

TRAVELLERS = [name for name, info in sorted(TABLES.items()) if info.kind in (*TRAVELS, TableClass.PRIVATE)]


def row_with(info: TableInfo, *, empty: bool) -> Row:
    """Return a row with some value in each column, or with none wherever there may be none."""
    values: dict[str, Any] = {}
    for n, name in enumerate(info.columns):
        column = info.sql.c[name]
        if empty and column.nullable:
            values[name] = None
        elif n in info.enums:
            values[name] = list(info.enums[n])[-1]
        elif isinstance(column.type, sa.LargeBinary):
            values[name] = bytes([n]) * 16
        elif isinstance(column.type, sa.BigInteger):
            values[name] = -(2**62) + n
        else:
            values[name] = f'{name} "ÄÖ\u2028\\\n'
    return info.cls(**values)


def plain(value: object) -> object:
    """Return a value as JSON may have it."""
    if isinstance(value, bytes):
        return value.hex()
    return value.value if isinstance(value, Enum) else value


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("name", TRAVELLERS)
def test_the_text_of_a_row_is_the_canonical_one(name: str, empty: bool) -> None:
    info = TABLES[name]
    row = row_with(info, empty=empty)
    told = {each.name: plain(getattr(row, each.name)) for each in fields(cast("Any", row))}

    assert content_text(row) == codec.canonical(told)
    assert key_text_of(info, info.key_of(row)) == key_text(info.key_of(row))
    assert row_of(info, content_text(row)) == row


def test_a_row_of_the_feed_is_chained_like_everything_else() -> None:
    row = Feed(SiteId(12), 345, 6, FeedKind.GONE, "parcel", '[12,"Ä"]', "", b"")
    parts = (row.site, row.seq, row.epoch, row.kind.value, row.entity, row.key, row.content)

    assert feed_hash(GENESIS, row) == chain_hash(GENESIS, parts)
