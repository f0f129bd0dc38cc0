"""A site as it is, for a station that joins or has been away for too long: part by part, each read in a moment.

Where the feed stands is noted first; parts are read later, one by one, and fit together once the feed was followed from
there. A station gets what there is to work with (goods, places, people, rules), the work that is open with everything that
belongs to it, what left lately, and of the stock's ledger what it sums to. Orders that are over are not among it, however
many there are: the time this takes follows the open work and not the years. The one thing a newcomer would get wrong:
nothing is kept here between two parts; what says where the next begins travels to the station and back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import sqlalchemy as sa

from core.amending.over import WITH_ORDERS, matters, orders_that_matter
from core.cases.model import Photo, WrittenNote
from core.cases.photos import PhotoBytes
from core.kernel import codec
from core.kernel.catching_up import KEPT_MS
from core.kernel.feed import Feed, FeedHead, head_of, row_of
from core.kernel.ids import NO_ID, SiteId, StationId
from core.kernel.operations import OperationOutcome
from core.kernel.tables import TABLES, Key, Row, TableClass, TableInfo, sql_of
from core.orders.model import Fulfilment, FulfilmentLine, Order, OrderHold, OrderLine, StopRequest
from core.packing.model import Parcel, ParcelContent
from core.picking.model import Fill, Pick
from core.rights.model import OperationReceipt, WorkLease
from core.stock.carrying import CarriedStock
from core.stock.model import Balance, StockEntry
from core.waves.model import Assignment, Batch, BatchMember, PickTask
from sync.protocol import Load, Loaded, SentPart

ROWS = 4_000
"""Of a part of one table."""
ORDERS = 300
"""Of a part of open work: each with its lines, units, totes and parcels."""
RECENT_MS = 2 * 86_400_000
"""What left so lately is sent too: somebody may still ask for it, or bring it back from the van."""
_KEYS = 100
_WORK, _CARRIED, _MOVED = "work", "carried", "moved"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next part begins; travels as text."""

    h0: int
    hash: bytes
    applied: int
    since: int
    """What left from then on is recent."""
    part: str
    after: str
    """Key of the last row of the part, as JSON; empty for its first."""


def snapshot(connection: sa.Connection, load: Load, at: int) -> Loaded:
    """Return the next part of a site.

    Args:
        connection: a reader of the central database.
        load: what the station asks.
        at: the hub's time.
    """
    place = codec.from_text(_Place, load.goes_on) if load.goes_on else _begin(connection, load, at)
    order = _parts()
    read = _reader(place.part)
    parts, after = read(connection, load.site, place)
    step = order.index(place.part)
    if after:
        following = replace(place, after=after)
    elif step + 1 < len(order):
        following = replace(place, part=order[step + 1], after="")
    else:
        following = None
    head = head_of(connection, load.site)
    return Loaded(
        epoch=head.epoch, at=at, seq=place.h0, hash=place.hash, applied=place.applied, head=head.seq,
        done=1000 * (step + (1 if not after else 0)) // len(order), parts=tuple(parts),
        goes_on="" if following is None else codec.to_text(following),
    )  # fmt: skip


def whole(connection: sa.Connection, site: SiteId, at: int) -> Iterator[Loaded]:
    """Yield all parts of a site, for stations that have done nothing yet.

    Args:
        connection: a reader of the central database, best at one moment of it.
        site: which one.
        at: the hub's time.
    """
    asked = Load(epoch=0, site=site, station=StationId(NO_ID), incarnation=0, goes_on="")
    while True:
        part = snapshot(connection, asked, at)
        yield part
        if not part.goes_on:
            return
        asked = replace(asked, goes_on=part.goes_on)


def _begin(connection: sa.Connection, load: Load, at: int) -> _Place:
    # What is applied is asked before the feed's head: each of them has its receipt in what the head counts.
    receipts = sql_of(OperationReceipt)
    query = sa.select(sa.func.max(receipts.c.seq)).where(
        receipts.c.site == load.site, receipts.c.station == load.station, receipts.c.incarnation == load.incarnation,
        receipts.c.outcome != OperationOutcome.PARKED.value,
    )  # fmt: skip
    applied = int(connection.execute(query).scalar_one() or 0)
    head = head_of(connection, load.site)
    return _Place(head.seq, head.hash, applied, at - RECENT_MS, _parts()[0], "")


Reader = Callable[[sa.Connection, SiteId, _Place], tuple[list[SentPart], str]]


def _parts() -> list[str]:
    """Return the parts in their order: people and places first, the work, and last what the ledger sums to."""
    mine = {cls.TABLE.name for cls in WITH_ORDERS}
    mine.discard(WorkLease.TABLE.name)
    whole = [info.name for info in TABLES.values() if info.kind is TableClass.FEED and info.name not in mine]
    return [*whole, _WORK, _CARRIED, _MOVED]


def _reader(part: str) -> Reader:
    return {_WORK: _work, _CARRIED: _carried, _MOVED: _moved}.get(part, _whole)


def _sent(info: TableInfo, rows: Sequence[Sequence[Any]]) -> SentPart:
    binary = [n for n, name in enumerate(info.columns) if isinstance(info.sql.c[name].type, sa.LargeBinary)]
    told = []
    for raw in rows:
        values = list(raw)
        for n in binary:
            if values[n] is not None:
                values[n] = bytes(values[n]).hex()
        told.append(values)
    return SentPart(info.name, info.columns, orjson.dumps(told).decode())


# A table


def _whole(connection: sa.Connection, site: SiteId, place: _Place) -> tuple[list[SentPart], str]:
    """Return rows of one table behind a key: all of them, or where they grow with the years those that still matter."""
    info = TABLES[place.part]
    query = sa.select(info.sql).where(info.sql.c.site == site, *_sent_of(info, place.since))
    rows, after = _page(connection, info, query, place.after)
    return [_sent(info, rows)] if rows else [], after


def _sent_of(info: TableInfo, since: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Return which rows of a table a station is sent that joins or was away: of what people wrote down all that others still have.

    A photo whose bytes are not here is sent however old it is: the station that has them knows by its row that it is to bring them.
    """
    if info.cls not in (WrittenNote, Photo):
        return matters(info, since)
    recent = matters(info, since + RECENT_MS - KEPT_MS)
    if info.cls is not Photo:
        return recent
    here = sql_of(PhotoBytes)
    brought = sa.exists().where(here.c.site == info.sql.c.site, here.c.digest == info.sql.c.digest)
    return (sa.or_(sa.and_(*recent), ~brought),)


def _page(
    connection: sa.Connection, info: TableInfo, query: sa.Select[Any], after: str, rows: int = ROWS
) -> tuple[Sequence[Sequence[Any]], str]:
    """Return rows behind a key in the order of the key, and the last one's key where there may be more."""
    key = [info.sql.c[name] for name in info.key[1:]]
    if not key:
        return [tuple(raw) for raw in connection.execute(query)], ""
    if after:
        query = query.where(sa.tuple_(*key) > sa.tuple_(*_literals(key, after)))
    found = [tuple(raw) for raw in connection.execute(query.order_by(*key).limit(rows))]
    if len(found) < rows:
        return found, ""
    places = [info.columns.index(name) for name in info.key[1:]]
    return found, _words(found[-1][n] for n in places)


def _words(key: Iterable[Any]) -> str:
    return orjson.dumps([bytes(part).hex() if isinstance(part, bytes | memoryview) else part for part in key]).decode()


def _literals(columns: Sequence[sa.Column[Any]], after: str) -> list[sa.BindParameter[Any]]:
    values = orjson.loads(after)
    return [
        sa.literal(bytes.fromhex(value) if isinstance(column.type, sa.LargeBinary) else value, column.type)
        for column, value in zip(columns, values, strict=True)
    ]


# Work


def _work(connection: sa.Connection, site: SiteId, place: _Place) -> tuple[list[SentPart], str]:
    """Return some orders that are open or left lately, with everything that belongs to them."""
    after = bytes.fromhex(orjson.loads(place.after)[0]) if place.after else b""
    orders = _orders(connection, site, place, after)
    if not orders:
        return [], ""
    lines, holds = sql_of(OrderLine), sql_of(OrderHold)
    heads, parts = sql_of(Order), sql_of(Fulfilment)
    got = _Got(connection, site)
    got.rows(Order, heads.c.id.in_(orders))
    got.rows(OrderLine, lines.c.order.in_(orders))
    got.rows(OrderHold, holds.c.order.in_(orders))
    got.rows(Fulfilment, parts.c.order.in_(orders))
    fulfilments = got.column(Fulfilment, "id")
    got.rows(FulfilmentLine, sql_of(FulfilmentLine).c.fulfilment.in_(fulfilments))
    got.rows(StopRequest, sql_of(StopRequest).c.fulfilment.in_(fulfilments))
    got.rows(Pick, sql_of(Pick).c.fulfilment.in_(fulfilments))
    members = sql_of(BatchMember)
    got.rows(BatchMember, members.c.fulfilment.in_(fulfilments))
    got.rows(Parcel, sql_of(Parcel).c.fulfilment.in_(fulfilments))
    got.rows(ParcelContent, sql_of(ParcelContent).c.parcel.in_(got.column(Parcel, "id")))
    batches = got.column(BatchMember, "batch")
    got.rows(Batch, sql_of(Batch).c.id.in_(batches))
    got.rows(PickTask, sql_of(PickTask).c.batch.in_(batches))
    got.rows(Assignment, sql_of(Assignment).c.batch.in_(batches))
    fills = sql_of(Fill)
    got.rows(Fill, sa.or_(fills.c.batch.in_(batches), fills.c.fulfilment.in_(fulfilments)))
    got.rows(WorkLease, sql_of(WorkLease).c.work.in_([*batches, *fulfilments]))
    return got.parts, _words([orders[-1]])


def _orders(connection: sa.Connection, site: SiteId, place: _Place, after: bytes) -> list[bytes]:
    """Return the next orders in the order of their ids, from each of the ways in which one still matters."""
    found: set[bytes] = set()
    for way in orders_that_matter(site, place.since):
        order = way.selected_columns[0]
        some = way.where(order > after).distinct().order_by(order).limit(ORDERS)
        found.update(bytes(each) for each in connection.execute(some).scalars())
    return sorted(found)[:ORDERS]


class _Got:
    """Rows of several tables that belong together."""

    def __init__(self, connection: sa.Connection, site: SiteId) -> None:
        self._connection, self._site = connection, site
        self._rows: dict[type[Row], list[Sequence[Any]]] = {}

    def rows(self, cls: type[Row], which: sa.ColumnElement[bool]) -> None:
        """Read rows."""
        info = cls.TABLE
        query = sa.select(info.sql).where(info.sql.c.site == self._site, which)
        self._rows[cls] = [tuple(raw) for raw in self._connection.execute(query)]

    def column(self, cls: type[Row], name: str) -> list[bytes]:
        """Return what the rows of a table have in a column, each value once."""
        n = cls.TABLE.columns.index(name)
        return list(dict.fromkeys(bytes(row[n]) for row in self._rows[cls]))

    @property
    def parts(self) -> list[SentPart]:
        """Return them as they travel."""
        return [_sent(cls.TABLE, rows) for cls, rows in self._rows.items() if rows]


# What the ledger sums to


def _carried(connection: sa.Connection, site: SiteId, place: _Place) -> tuple[list[SentPart], str]:
    """Return balances as they are; those that moved since the beginning are said again by the part behind."""
    balances = sql_of(Balance)
    query = sa.select(balances).where(balances.c.site == site, balances.c.total != 0)
    rows, after = _page(connection, Balance.TABLE, query, place.after)
    return _as_carried(rows), after


def _moved(connection: sa.Connection, site: SiteId, place: _Place) -> tuple[list[SentPart], str]:
    """Return what lay where goods have moved since, as it was when the feed stood at the beginning."""
    told: dict[Key, tuple[int, int]] = {}
    touched = list(_sums(connection, site, place.h0, head_of(connection, site).seq))
    for start in range(0, len(touched), _KEYS):
        some = touched[start : start + _KEYS]
        now, seen = _balances(connection, site, some)
        since = _sums(connection, site, place.h0, seen)
        for key in some:
            units, second = now.get(key, (0, 0))
            more, grams = since.get(key, (0, 0))
            told[key] = units - more, second - grams
    rows = [(*key, *sums) for key, sums in told.items()]
    return ([_sent(CarriedStock.TABLE, rows)] if rows else []), ""


def _balances(connection: sa.Connection, site: SiteId, keys: Sequence[Key]) -> tuple[dict[Key, tuple[int, int]], int]:
    """Return balances by key, and where the feed stood at that moment: both by one statement."""
    balances, heads = sql_of(Balance), sql_of(FeedHead)
    columns = [balances.c[name] for name in CarriedStock.TABLE.key]
    these = sa.or_(*(sa.and_(*(c == part for c, part in zip(columns, key, strict=True))) for key in keys))
    query = (
        sa.select(heads.c.seq, *columns, balances.c.total, balances.c.second_quantity)
        .select_from(heads)
        .outerjoin(balances, sa.and_(balances.c.site == heads.c.site, these))
        .where(heads.c.site == site)
    )
    rows = [tuple(raw) for raw in connection.execute(query)]
    found = {_plain(row[1:-2]): (int(row[-2]), int(row[-1])) for row in rows if row[1] is not None}
    return found, int(rows[0][0])


def _sums(connection: sa.Connection, site: SiteId, after: int, through: int) -> dict[Key, tuple[int, int]]:
    """Return what the entries of a stretch of the feed sum to, by stock key."""
    feed = sql_of(Feed)
    query = sa.select(feed.c.content).where(
        feed.c.site == site, feed.c.seq > after, feed.c.seq <= through, feed.c.entity == StockEntry.TABLE.name
    )
    sums: dict[Key, tuple[int, int]] = {}
    for (content,) in connection.execute(query):
        entry = row_of(StockEntry.TABLE, content)
        assert isinstance(entry, StockEntry)
        key = _plain(getattr(entry, name) for name in CarriedStock.TABLE.key)
        units, second = sums.get(key, (0, 0))
        sums[key] = units + entry.quantity, second + entry.second_quantity
    return sums


def _plain(parts: Iterable[Any]) -> Key:
    return tuple(
        bytes(part) if isinstance(part, bytes | memoryview) else str(part) if isinstance(part, str) else part
        for part in parts
    )


def _as_carried(rows: Sequence[Sequence[Any]]) -> list[SentPart]:
    named = [Balance.TABLE.columns.index(name) for name in (*CarriedStock.TABLE.key, "total", "second_quantity")]
    return [_sent(CarriedStock.TABLE, [[row[n] for n in named] for row in rows])] if rows else []
