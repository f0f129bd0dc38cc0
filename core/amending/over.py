"""What a station of a site holds of its work, and what it lets go: work that is over leaves it, the hub keeps all of it.

The rule is one for a station that joins (it is not sent what is over) and for one that was connected for months (it lets
go of it). What is over goes when the feed's last word of it is forgotten here, not before: a hub that was set back may
have it open again, and a station goes back with it only as far as its own part of the feed reaches. (Decision 0019.)
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from core.cases.model import Case, CaseKind, CaseState, NoteText, Photo, WrittenNote
from core.cases.photos import forget_photos, let_late_go, only_here
from core.catalog.model import Item
from core.kernel import codec
from core.kernel.catching_up import KEPT_MS, when_forgotten
from core.kernel.executor import identity_of
from core.kernel.feed import Feed, FeedKind, content_text, key_of, key_text, row_of
from core.kernel.ids import NO_ID, FulfilmentId, OrderId, SiteId
from core.kernel.loading import derived_again
from core.kernel.numbers import NumberRange
from core.kernel.operations import TOUCH_ORDER, OpTouch
from core.kernel.replica import has_images
from core.kernel.shadow import Shadow
from core.kernel.spool import PrintJob, SentLast
from core.kernel.tables import TABLES, Row, TableClass, TableInfo, sql_of, table
from core.kernel.uow import Role, UnitOfWork
from core.orders.model import (
    CancelState,
    Contact,
    Fulfilment,
    FulfilmentLine,
    Order,
    OrderCancel,
    OrderHold,
    OrderLine,
    StopRequest,
)
from core.packing.contents import CarrierLabel
from core.packing.model import EarlyLoad, Parcel, ParcelContent
from core.people.model import Session
from core.picking.model import Fill, FillState, Pick
from core.receiving.model import Delivery, DeliveryBooking, DeliveryLine
from core.returns.model import Return
from core.rights.model import Stage, WorkLease
from core.shipping.model import Manifest, ManifestState
from core.stock.model import CountRequest, CountState
from core.waves.model import Assignment, Batch, BatchMember, BatchState, PickTask

WITH_ORDERS: tuple[type[Row], ...] = (
    Order, OrderLine, Fulfilment, FulfilmentLine, OrderHold, StopRequest, BatchMember, Pick, Parcel, ParcelContent, Batch,
    PickTask, Assignment, Fill, WorkLease,
)  # fmt: skip
"""What a station holds for the orders that matter to it, and not by itself."""
_JOBS_AT_ONCE = 100
ORDERS_AT_ONCE = 10
"""Orders that leave a station together: some two hundred rows."""


@table(TableClass.LOCAL, key=("site", "fulfilment"), indexes={"over_order": ("site", "order")})
class Over(Row):
    """A fulfilment whose end the feed told so long ago that it is forgotten here."""

    site: SiteId
    fulfilment: FulfilmentId
    order: OrderId


# The rule


def matters(info: TableInfo, since: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Return which rows of a table that grows with the years a station holds; nothing where it holds all of them.

    Args:
        info: the table.
        since: what ended from then on is recent.
    """
    columns = info.sql.c
    match info.name:
        case Case.TABLE.name:
            return (columns.state == CaseState.OPEN.value,)
        case Session.TABLE.name:
            return (sa.or_(columns.ended_at == 0, columns.started_at >= since),)
        case Manifest.TABLE.name:
            return (sa.or_(columns.state == ManifestState.OPEN.value, columns.closed_at >= since),)
        case Return.TABLE.name:
            # A code that several boxes bear counts them: whoever has forgotten the first would call the next by its number.
            return (sa.or_(columns.received_at >= since, columns.parcel == NO_ID),)
        case Delivery.TABLE.name:
            return (sa.or_(columns.finished_at == 0, columns.finished_at >= since),)
        case DeliveryLine.TABLE.name:
            return (_of_delivery(columns.site, columns.delivery, since),)
        case DeliveryBooking.TABLE.name:
            lines = sql_of(DeliveryLine)
            here = (lines.c.site == columns.site, lines.c.id == columns.line)
            return (sa.exists().where(*here, _of_delivery(lines.c.site, lines.c.delivery, since)),)
        case WorkLease.TABLE.name:
            # The others come with the work they are for.
            return (columns.stage == Stage.LOAD.value,)
        case NumberRange.TABLE.name:
            return (columns.next <= columns.last,)
        case OrderCancel.TABLE.name:
            return (sa.or_(columns.state == CancelState.ASKED.value, columns.final_at >= since),)
        case WrittenNote.TABLE.name | Photo.TABLE.name:
            return (columns.at >= since,)
        case CountRequest.TABLE.name:
            return (columns.state == CountState.OPEN.value,)
        case _:
            return ()


def _of_delivery(site: sa.ColumnElement[Any], delivery: sa.ColumnElement[Any], since: int) -> sa.ColumnElement[bool]:
    """Return whether a delivery matters to a station: it goes with all its lines and what was booked of them."""
    rows = sql_of(Delivery)
    return sa.exists().where(rows.c.site == site, rows.c.id == delivery, *matters(Delivery.TABLE, since))


NEVER = 2**62
"""Later than everything: since then nothing ended."""


def held_for_sure(info: TableInfo, site: SiteId) -> tuple[sa.ColumnElement[bool], ...] | None:
    """Return which rows of a table every station holds, however long it is there: all, or open work's; None for a ledger."""
    if info.kind is TableClass.LEDGER:
        return None
    if info.cls not in WITH_ORDERS:
        return matters(info, NEVER)
    columns, parts, batches = info.sql.c, sql_of(Fulfilment), sql_of(Batch)
    open_parts = sa.select(parts.c.id).where(parts.c.site == site, parts.c.open == 1)
    orders = sa.select(parts.c.order).where(parts.c.site == site, parts.c.open == 1)
    running = sa.select(batches.c.id).where(batches.c.site == site, batches.c.state != BatchState.PICKED.value)
    match info.name:
        case Order.TABLE.name:
            return (columns.id.in_(orders),)
        case Fulfilment.TABLE.name:
            return (columns.open == 1,)
        case Batch.TABLE.name:
            return (columns.state != BatchState.PICKED.value,)
        case WorkLease.TABLE.name:
            return (sa.or_(columns.stage == Stage.LOAD.value, columns.work.in_(running)),)
        case PickTask.TABLE.name | Assignment.TABLE.name | Fill.TABLE.name:
            return (columns.batch.in_(running),)
        case OrderLine.TABLE.name | OrderHold.TABLE.name:
            return (columns.order.in_(orders),)
        case _:
            return (columns.fulfilment.in_(open_parts),)


def orders_that_matter(site: SiteId, since: int) -> tuple[sa.Select[Any], ...]:
    """Return the ways in which an order matters to a station, each as a query for orders.

    It is open, a parcel of it is on a list that is open or was closed lately, one has not left, or its walk is not done.
    """
    parts, batches, members = sql_of(Fulfilment), sql_of(Batch), sql_of(BatchMember)
    fills, parcels, lists = sql_of(Fill), sql_of(Parcel), sql_of(Manifest)
    recent = sa.select(lists.c.id).where(
        lists.c.site == site, sa.or_(lists.c.state == ManifestState.OPEN.value, lists.c.closed_at >= since)
    )
    running = sa.select(batches.c.id).where(batches.c.site == site, batches.c.state != BatchState.PICKED.value)
    full = sa.select(fills.c.batch).where(fills.c.site == site, fills.c.state != FillState.EMPTIED.value)
    return (
        sa.select(parts.c.order).where(parts.c.site == site, parts.c.open == 1),
        sa.select(parcels.c.order).where(parcels.c.site == site, parcels.c.manifest.in_(recent)),
        sa.select(parcels.c.order).where(parcels.c.site == site, parcels.c.loaded_at == 0),
        sa.select(members.c.order).where(members.c.site == site, members.c.batch.in_(running.union(full))),
    )


# What goes with the feed's last word of it


@when_forgotten(Fulfilment)
def note_over(connection: sa.Connection, site: SiteId, told: Sequence[Feed], _since: int) -> None:
    """Note fulfilments that ended then and were not touched again."""
    uow = UnitOfWork(connection, role=Role.REPLICA)
    for row in _as_they_are(uow, Fulfilment.TABLE, told):
        assert isinstance(row, Fulfilment)
        if not row.open:
            uow.save(Over(site, row.id, row.order))
    uow.flush(varied=True)


@when_forgotten(Case, Session, Manifest, NumberRange, OrderCancel, CountRequest, Return, DeliveryLine, DeliveryBooking)
def let_go(connection: sa.Connection, site: SiteId, told: Sequence[Feed], since: int) -> None:
    """Let rows go that ended then and were not touched again."""
    info = TABLES[told[0].entity]
    uow = UnitOfWork(connection, role=Role.REPLICA)
    for row in _as_they_are(uow, info, told):
        if uow.get(Shadow, (info.name, key_text(info.key_of(row)))) is not None:
            continue
        here = (info.sql.c[name] == part for name, part in zip(info.key, info.key_of(row), strict=True))
        over = sa.not_(sa.and_(*matters(info, since)))
        connection.execute(sa.delete(info.sql).where(info.sql.c.site == site, *here, over))


@when_forgotten(Delivery)
def let_deliveries_go(connection: sa.Connection, site: SiteId, told: Sequence[Feed], since: int) -> None:
    """Let deliveries go that were finished then, with their lines and bookings."""
    let_go(connection, site, told, since)
    deliveries, lines, bookings = sql_of(Delivery), sql_of(DeliveryLine), sql_of(DeliveryBooking)
    here = sa.select(deliveries.c.id).where(deliveries.c.site == site)
    gone = [key_of(Delivery.TABLE, each.key)[1] for each in told]
    theirs = (lines.c.site == site, lines.c.delivery.in_(gone), lines.c.delivery.not_in(here))
    of_lines = bookings.c.line.in_(sa.select(lines.c.id).where(*theirs))
    connection.execute(sa.delete(bookings).where(bookings.c.site == site, of_lines))
    connection.execute(sa.delete(lines).where(*theirs))


@when_forgotten(WrittenNote)
def let_notes_go(connection: sa.Connection, site: SiteId, told: Sequence[Feed], since: int) -> None:
    """Let notes go, and what was written in them with them."""
    let_go(connection, site, told, since)
    notes, words = sql_of(WrittenNote), sql_of(NoteText)
    here = sa.select(notes.c.id).where(notes.c.site == site)
    gone = [key_of(WrittenNote.TABLE, each.key)[1] for each in told]
    connection.execute(sa.delete(words).where(words.c.site == site, words.c.id.in_(gone), words.c.id.not_in(here)))


@when_forgotten(Photo)
def let_photos_go(connection: sa.Connection, site: SiteId, told: Sequence[Feed], since: int) -> None:
    """Let pictures go with their notes, and what is known of where their bytes are; the bytes themselves go by `files_needed`.

    One whose bytes only this station has stays until the hub has them: it would be nowhere any more.
    """
    me = identity_of(connection)
    assert me is not None
    lone = only_here(connection, site, me.station)
    elsewhere = [each for each in told if key_of(Photo.TABLE, each.key)[1] not in lone]
    if elsewhere:
        let_go(connection, site, elsewhere, since)
    let_late_go(connection, site, me.station, since)
    forget_photos(connection, site)


@derived_again(Over)
def note_all_over(connection: sa.Connection, site: SiteId) -> None:
    """Note what had ended when a site was loaded: a hub that is set back to before it has the station load it anew."""
    parts = sql_of(Fulfilment)
    ended = sa.select(parts.c.site, parts.c.id, parts.c.order).where(parts.c.site == site, parts.c.open == 0)
    over = sql_of(Over)
    connection.execute(sa.delete(over).where(over.c.site == site))
    connection.execute(sa.insert(over).from_select(["site", "fulfilment", "order"], ended))


def _as_they_are(uow: UnitOfWork, info: TableInfo, told: Iterable[Feed]) -> list[Row]:
    """Return the rows that are still what the feed told."""
    rows = {each.key: each for each in told if each.kind is FeedKind.ROW}
    uow.fetch({info.cls: [key_of(info, key) for key in rows]})
    found = ((uow.get(info.cls, key_of(info, key)), each) for key, each in rows.items())
    return [
        row for row, each in found if row is not None and content_text(row) == content_text(row_of(info, each.content))
    ]


# Orders


def retire(connection: sa.Connection, site: SiteId, now_ms: int) -> int:
    """Let some orders go that are over, and old paper; in the caller's transaction, only while nothing here is unsettled.

    Returns:
        How many went: there may be more.
    """
    return 0 if has_images(connection) else _orders(connection, site, now_ms) or _paper(connection, site, now_ms)


def _paper(connection: sa.Connection, site: SiteId, now_ms: int) -> int:
    """Let print jobs go that are a month old and whose parcel or list is not here any more: they say where it went."""
    jobs, parcels, lists = sql_of(PrintJob), sql_of(Parcel), sql_of(Manifest)
    here = (sa.exists().where(rows.c.site == jobs.c.site, rows.c.id == jobs.c.subject) for rows in (parcels, lists))
    old = sa.select(jobs.c.id).where(jobs.c.site == site, jobs.c.moved_at < now_ms - KEPT_MS, *(~each for each in here))
    some = [bytes(each) for each in connection.execute(old.limit(_JOBS_AT_ONCE)).scalars()]
    if some:
        connection.execute(sa.delete(jobs).where(jobs.c.site == site, jobs.c.id.in_(some)))
        last = sql_of(SentLast)
        connection.execute(sa.delete(last).where(last.c.site == site, last.c.job.in_(some)))
    return len(some)


def files_needed(connection: sa.Connection, site: SiteId) -> frozenset[str]:
    """Return the digests of all files beside the database that a row names.

    They are pictures, photos, paper as it was printed, a carrier's label as it came, of which a reprint is made, and the page of one
    that somebody is to look at, until that is decided.
    """
    named = ((PrintJob, "rendering"), (Item, "picture"), (Photo, "digest"))
    columns = [sa.select(sql_of(cls).c[name]).where(sql_of(cls).c.site == site) for cls, name in named]
    jobs = sql_of(PrintJob)
    carriers = sa.select(jobs.c.content).where(jobs.c.site == site, jobs.c.document == CarrierLabel.KIND)
    cases = sql_of(Case)
    waiting = sa.select(cases.c.facts).where(
        cases.c.site == site, cases.c.state == CaseState.OPEN.value, cases.c.kind == CaseKind.PRINT_FAULT.value
    )
    found = (
        str(codec.parse(each).get(name, ""))
        for query, name in ((carriers, "sha256"), (waiting, "picture"))
        for each in connection.execute(query).scalars()
    )
    return frozenset(connection.execute(sa.union(*columns)).scalars()).union(found)


def _orders(connection: sa.Connection, site: SiteId, now_ms: int) -> int:
    over, parts = sql_of(Over), sql_of(Fulfilment)
    ended = sa.exists().where(over.c.site == parts.c.site, over.c.fulfilment == parts.c.id)
    noted = sql_of(Over).alias("noted")
    other = sa.exists().where(parts.c.site == site, parts.c.order == noted.c.order, ~ended)
    needed = (way.subquery() for way in orders_that_matter(site, now_ms - KEPT_MS))
    query = (
        sa.select(noted.c.order)
        .where(noted.c.site == site, ~other, *(noted.c.order.not_in(sa.select(way.c.order)) for way in needed))
        .distinct()
        .limit(ORDERS_AT_ONCE)
    )
    orders = [bytes(each) for each in connection.execute(query).scalars()]
    if orders:
        _Leaving(connection, site).run(orders)
    return len(orders)


class _Leaving:
    """Orders on their way out."""

    def __init__(self, connection: sa.Connection, site: SiteId) -> None:
        self._connection, self._site = connection, site

    def run(self, orders: Sequence[bytes]) -> None:
        """Take everything away that belongs to orders, and the walks that were for nobody else."""
        fulfilments = self._ids(Fulfilment, "id", "order", orders)
        contacts = self._ids(Fulfilment, "contact", "order", orders)
        parcels = self._ids(Parcel, "id", "order", orders)
        batches = self._ids(BatchMember, "batch", "fulfilment", fulfilments)
        parts: tuple[tuple[type[Row], str, Sequence[bytes]], ...] = (
            (ParcelContent, "parcel", parcels), (EarlyLoad, "parcel", parcels), (Parcel, "fulfilment", fulfilments),
            (Pick, "fulfilment", fulfilments), (BatchMember, "fulfilment", fulfilments),
            (StopRequest, "fulfilment", fulfilments), (FulfilmentLine, "fulfilment", fulfilments),
            (WorkLease, "work", fulfilments), (Over, "fulfilment", fulfilments),
            (Fulfilment, "id", fulfilments), (OrderHold, "order", orders), (OrderLine, "order", orders),
            (Order, "id", orders),
        )  # fmt: skip
        for cls, column, values in parts:
            self._delete(cls, column, values)
        still = set(self._ids(BatchMember, "batch", "batch", batches))
        walks = [each for each in batches if each not in still]
        for cls, column in (
            (PickTask, "batch"),
            (Assignment, "batch"),
            (Fill, "batch"),
            (WorkLease, "work"),
            (Batch, "id"),
        ):
            self._delete(cls, column, walks)
        touches = sql_of(OpTouch)
        self._connection.execute(
            sa.delete(touches).where(
                touches.c.site == self._site, touches.c.entity == TOUCH_ORDER, touches.c.id.in_(orders)
            )
        )
        needed = set(self._ids(Fulfilment, "contact", "contact", contacts))
        self._delete(Contact, "id", [each for each in contacts if each not in needed])

    def _ids(self, cls: type[Row], column: str, by: str, values: Sequence[bytes]) -> list[bytes]:
        rows = sql_of(cls)
        query = sa.select(rows.c[column]).where(rows.c.site == self._site, rows.c[by].in_(values)).distinct()
        return [bytes(each) for each in self._connection.execute(query).scalars()]

    def _delete(self, cls: type[Row], column: str, values: Sequence[bytes], *but: sa.ColumnElement[bool]) -> None:
        rows = sql_of(cls)
        if values:
            self._connection.execute(sa.delete(rows).where(rows.c.site == self._site, rows.c[column].in_(values), *but))


__all__ = ["WITH_ORDERS", "Over", "files_needed", "held_for_sure", "matters", "orders_that_matter", "retire"]
