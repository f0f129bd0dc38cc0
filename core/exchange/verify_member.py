"""`dockside verify` at a station of a hub: its own log, its part of the feed, and its rows against what the feed told of them.

A member's log is its own work alone, so its tables are not made again from it: they are held against the feed, as far back
as it is here. The one thing a newcomer would get wrong: what is compared is what is confirmed, not what own work made of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.amending.over import WITH_ORDERS, matters
from core.kernel.feed import Feed, FeedKind, content_text, feed_hash, head_of, row_of, table_of
from core.kernel.ids import SiteId
from core.kernel.replica import confirmed
from core.kernel.tables import TABLES, Row, TableClass, TableInfo, rows_of, sql_of
from core.kernel.verify import Difference
from core.orders.model import Order

_PART = 2_000


@dataclass(frozen=True, slots=True)
class Held:
    """What a member's rows were held against."""

    first: int
    """The row of the feed from which on it is here without a gap; behind the last where there is none."""
    last: int
    differences: tuple[Difference, ...]


def verify_member(connection: sa.Connection, site: SiteId) -> Held:
    """Return where the feed that is here does not follow, and every confirmed row that is not what it last told."""
    head = head_of(connection, site)
    found: list[Difference] = []
    said: dict[str, dict[str, Feed]] = {}
    first, before = head.seq + 1, None
    for row in _rows(connection, site):
        if before is None or row.seq != before.seq + 1:
            # What was forgotten, or jumped over by a loading: what was told before is not the last word.
            said, first = {}, row.seq
        elif feed_hash(before.hash, row) != row.hash:
            found.append(Difference("feed", f"row {row.seq}", "a row that follows from the one before", "another"))
        if row.kind is not FeedKind.RECEIPT and table_of(row) is not None:
            said.setdefault(row.entity, {})[row.key] = row
        before = row
    if before is not None and (before.seq, before.hash) != (head.seq, head.hash):
        found.append(Difference("feed_head", f"site {site}", f"row {before.seq} and its hash", f"row {head.seq}"))
    orders = {bytes(each) for each in connection.execute(sa.select(sql_of(Order).c.id)).scalars()}
    for entity, rows in said.items():
        found += _compared(connection, TABLES[entity], rows, orders)
    return Held(first, head.seq, tuple(found))


def _rows(connection: sa.Connection, site: SiteId) -> Iterator[Feed]:
    feed, after = sql_of(Feed), 0
    behind = sa.select(feed).where(feed.c.site == site).order_by(feed.c.seq).limit(_PART)
    while rows := rows_of(Feed, connection.execute(behind.where(feed.c.seq > after))):
        yield from rows
        after = rows[-1].seq


def _compared(
    connection: sa.Connection, info: TableInfo, said: dict[str, Feed], orders: set[bytes]
) -> Iterator[Difference]:
    here = confirmed(connection, info)
    for key, told in said.items():
        found = here.get(key)
        if told.kind is FeedKind.GONE:
            if found is not None:
                yield Difference(info.name, key, "no row by the feed", "one")
            continue
        want = row_of(info, told.content)
        if found is None and not _left(info, want, orders):
            yield Difference(info.name, key, "a row by the feed", "none")
        elif found is not None and found != content_text(want):
            yield Difference(info.name, key, "what the feed says", "something else")


def _left(info: TableInfo, row: Row, orders: set[bytes]) -> bool:
    """Return whether a row may have left the station, or was not given to it again when it loaded the site."""
    if info.kind is TableClass.LEDGER or matters(info, 0):
        return True
    order = row.TABLE.key_of(row)[1] if info is Order.TABLE else getattr(row, info.touch or "", None)
    return info.cls in WITH_ORDERS and order not in orders
