"""What home and the look-ups show: questions to the database with frozen answers.

The one thing a newcomer would get wrong: an order's summary holds names and addresses; it is shown, never stored in a
flow's state row (the home flow keeps none).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.allocation.queries import explain
from core.amending.queries import cancel_standing
from core.cases.queries import count_open, count_urgent, open_count
from core.catalog.model import Item, Location
from core.kernel.flow import CodeKind
from core.kernel.ids import (
    NO_ID,
    FulfilmentLineId,
    ItemId,
    OrderId,
    OrderLineId,
    ParcelId,
    PersonId,
    SiteId,
    StationId,
)
from core.kernel.spool import PrintJob
from core.kernel.tables import sql_of
from core.orders.model import Contact, Fulfilment, FulfilmentLine, Order, StopKind
from core.orders.progress import stage_of
from core.orders.queries import order_view
from core.packing.model import LabelState, Parcel
from core.people.roles import allowed
from core.picking.model import Fill, FillState
from core.rights.model import Stage
from core.rights.queries import is_mine
from core.station.story import StoryEvent, story
from core.stock.model import Balance, Lot
from core.waves.model import Batch, BatchMember, BatchState, Wave
from core.waves.queries import taken_first, under_way

CUT_OFFS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class CutOff:
    """Open work by cut-off and carrier."""

    at: int
    carrier: str
    orders: int
    units: int
    picked: int
    packed: int
    loaded: int


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """The one job that waits for this person."""

    flow: str
    """pick, pack, dispatch, or the cases for whoever decides: those that cannot wait before work, the others after it."""
    number: int
    """The batch's number, or how many cases cannot wait; 0 where there is none."""
    carrier: str
    orders: int
    units: int
    started: bool


@dataclass(frozen=True, slots=True)
class HomeView:
    """What home shows beside its prompt."""

    job: WaitingJob | None = None
    cut_offs: tuple[CutOff, ...] = ()
    cases: int = 0


@dataclass(frozen=True, slots=True)
class AskHome:
    """What waits here?"""

    site: SiteId
    station: StationId
    person: PersonId
    roles: str
    others: frozenset[str] = frozenset()
    """Flows that other stations are there for."""

    def run(self, connection: sa.Connection) -> HomeView:
        """Return the job that waits, work by cut-off and the number of open cases."""
        cases, red = count_urgent(connection, self.site) if self._decides else (0, 0)
        urgent = WaitingJob("cases", red, "", cases, 0, started=False)
        job = urgent if red else self._job(connection) or (urgent if cases else None)
        return HomeView(job, *_waiting(connection, self.site))

    @property
    def _decides(self) -> bool:
        return allowed(self.roles, "cases.decide")

    def _job(self, connection: sa.Connection) -> WaitingJob | None:
        if self._does("pick", "picker"):
            batch = _next_batch(connection, self.site, self.station, self.person)
            if batch is not None:
                return batch
        if self._does("pack", "packer"):
            fills = sql_of(Fill)
            query = sa.select(sa.func.count()).where(fills.c.site == self.site, fills.c.state == FillState.PICKED.value)
            totes = int(connection.execute(query).scalar_one())
            if totes:
                return WaitingJob("pack", 0, "", totes, 0, started=False)
        return _loading(connection, self.site) if self._does("dispatch", "loader") else None

    def _does(self, flow: str, role: str) -> bool:
        return flow not in self.others and not {role, "lead"}.isdisjoint(self.roles.split(","))


def _next_batch(connection: sa.Connection, site: SiteId, station: StationId, person: PersonId) -> WaitingJob | None:
    batches, members, waves = sql_of(Batch), sql_of(BatchMember), sql_of(Wave)
    mine = under_way(site, station, person, batches)
    free = sa.and_(
        batches.c.state.in_([BatchState.READY.value, BatchState.SUSPENDED.value]),
        is_mine(site, station, Stage.PICK, batches.c.id),
    )
    orders = sa.select(sa.func.count()).where(members.c.site == site, members.c.batch == batches.c.id)
    carrier = sa.select(waves.c.carrier).where(waves.c.site == site, waves.c.id == batches.c.wave)
    query = (
        sa.select(
            batches.c.number, sa.func.coalesce(carrier.scalar_subquery(), ""), orders.scalar_subquery(),
            batches.c.units, batches.c.state,
        )
        .where(batches.c.site == site, sa.or_(mine, free))
        .order_by(mine.desc(), *taken_first(batches))
        .limit(1)
    )  # fmt: skip
    found = connection.execute(query).first()
    if found is None:
        return None
    number, carrier_code, members_count, units, state = found
    return WaitingJob("pick", number, carrier_code, members_count, units, started=state == BatchState.RUNNING.value)


def _loading(connection: sa.Connection, site: SiteId) -> WaitingJob | None:
    parcels = sql_of(Parcel)
    query = (
        sa.select(parcels.c.carrier, sa.func.count())
        .where(parcels.c.site == site, parcels.c.state == "closed", parcels.c.loaded_at == 0)
        .group_by(parcels.c.carrier)
        .order_by(sa.func.count().desc())
        .limit(1)
    )
    found = connection.execute(query).first()
    return None if found is None else WaitingJob("dispatch", 0, str(found[0]), int(found[1]), 0, started=False)


def _waiting(connection: sa.Connection, site: SiteId) -> tuple[tuple[CutOff, ...], int]:
    """Return open work by cut-off, and how many cases are open."""
    parts = sql_of(Fulfilment)
    query = (
        sa.select(
            parts.c.cut_off_at,
            parts.c.carrier,
            sa.func.count(),
            sa.func.sum(parts.c.units - parts.c.short - parts.c.cancelled),
            sa.func.sum(parts.c.picked),
            sa.func.sum(parts.c.packed),
            sa.func.sum(parts.c.loaded),
            open_count(site).scalar_subquery(),
        )
        .where(parts.c.site == site, parts.c.open == 1)
        .group_by(parts.c.cut_off_at, parts.c.carrier)
        .order_by(parts.c.cut_off_at == 0, parts.c.cut_off_at, parts.c.carrier)
        .limit(CUT_OFFS_SHOWN)
    )
    found = connection.execute(query).all()
    return tuple(CutOff(*row[:-1]) for row in found), found[0][-1] if found else count_open(connection, site)


@dataclass(frozen=True, slots=True)
class StockLine:
    """Units of one item at one location."""

    sku: str
    description: str
    variant: str
    location: str
    role: str
    lot: str
    expiry: str
    serial: str
    condition: str
    quantity: int
    reserved: int
    blocked: str
    picture: str = ""
    """SHA-256 of the item's picture, empty for none."""


@dataclass(frozen=True, slots=True)
class StockSummary:
    """What is where."""

    kind: CodeKind
    """ITEM or LOCATION: what was scanned."""
    code: str
    title: str
    lines: tuple[StockLine, ...]
    target: bytes = NO_ID
    """The item or location itself."""


@dataclass(frozen=True, slots=True)
class AskStock:
    """What is there of an item, or at a location?"""

    site: SiteId
    kind: CodeKind
    target: bytes
    code: str
    title: str
    again: bool = False
    """Whether nobody scanned it: it is shown again."""

    def run(self, connection: sa.Connection) -> StockSummary:
        """Return the balances with their places, most first."""
        found = connection.execute(_stock_of(self.kind), {"site": self.site, "target": self.target})
        lines = tuple(StockLine(*_values(row)) for row in found)
        return StockSummary(self.kind, self.code, self.title, lines, self.target)


@cache
def _stock_of(kind: CodeKind) -> sa.Select[Any]:
    """Return the question after one item's or one location's balances; to put it together takes longer than to answer it."""
    b, i, p, lots = sql_of(Balance), sql_of(Item), sql_of(Location), sql_of(Lot)
    which = b.c.item if kind is CodeKind.ITEM else b.c.location
    return (
        sa.select(
            i.c.sku, i.c.description, i.c.variant, p.c.code, p.c.role, sa.func.coalesce(lots.c.code, ""),
            sa.func.coalesce(lots.c.expiry, ""), b.c.serial, b.c.condition, b.c.total, b.c.reserved, p.c.blocked,
            i.c.picture,
        )
        .select_from(b)
        .join(i, sa.and_(i.c.site == b.c.site, i.c.id == b.c.item))
        .join(p, sa.and_(p.c.site == b.c.site, p.c.id == b.c.location))
        .outerjoin(lots, sa.and_(lots.c.site == b.c.site, lots.c.id == b.c.lot))
        .where(b.c.site == sa.bindparam("site"), which == sa.bindparam("target"), b.c.total > 0, b.c.signed == 0)
        .order_by(p.c.role != "pick", p.c.sequence, i.c.sku, lots.c.expiry)
        .limit(200)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of an order as people read it."""

    sku: str
    description: str
    quantity: int
    picked: int
    packed: int
    loaded: int
    short: int
    cancelled: int
    reason: str
    """Why it waits; empty when it waits for nothing."""


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """An order with its lines, its story and its parcels."""

    order: OrderId
    number: str
    channel: str
    stage: str
    held: bool
    cancelled: bool
    name: str
    city: str
    postcode: str
    country: str
    cut_off_at: int
    carrier: str
    lines: tuple[SummaryLine, ...]
    events: tuple[StoryEvent, ...]
    parcels: tuple[tuple[str, str], ...]
    """Numbers of its parcels, each with the SHA-256 of its label's bytes."""
    cancel_asked: bool = False
    """Whether the cancel can still be overtaken by a van."""
    cancel_waits: tuple[str, ...] = ()
    """The docks that the cancel waits for."""
    cancel_on_hold: tuple[str, ...] = ()
    """Those of them that are on hold themselves."""
    changed: bool = False
    """Whether a change stopped work on it that has not been told to go on."""
    label_on: bool = False
    """Whether the label of its first parcel was scanned on the box, here or elsewhere."""


@dataclass(frozen=True, slots=True)
class AskOrder:
    """How is it with this order?"""

    site: SiteId
    order: OrderId
    today: str
    again: bool = False
    """Whether nobody scanned it: it is shown again, after something was done with it here or elsewhere."""

    def run(self, connection: sa.Connection) -> OrderSummary | None:
        """Return the order's story; None when it is not there."""
        view = order_view(connection, self.site, self.order)
        if view is None:
            return None
        reasons = {
            row.line: "" if row.reason is None else str(row.reason)
            for row in explain(connection, self.site, self.order, self.today)
        }
        items = _items(connection, self.site, {line.item for line in view.fulfilment_lines})
        words = {line.id: line.description for line in view.lines}
        head = view.fulfilments[0] if view.fulfilments else None
        cancel = cancel_standing(connection, self.site, self.order) if view.order.cancelled_at else None
        parcels = _parcels(connection, self.site, self.order)
        return OrderSummary(
            view.order.id, view.order.number, view.order.channel, "" if head is None else str(stage_of(head)),
            any(part.held for part in view.fulfilments), bool(view.order.cancelled_at),
            *_place(view.contact), view.order.cut_off_at, "" if head is None else head.carrier,
            tuple(_line(line, items, words, reasons) for line in view.fulfilment_lines),
            story(connection, self.site, self.order), tuple(parcel[:2] for parcel in parcels),
            cancel is not None and not cancel.final, () if cancel is None else cancel.waits,
            () if cancel is None else cancel.on_hold, any(each.kind is StopKind.CHANGE for each in view.stops),
            bool(parcels) and parcels[0][2] == LabelState.APPLIED.value,
        )  # fmt: skip


def _place(contact: Contact | None) -> tuple[str, str, str, str]:
    if contact is None:
        return ("", "", "", "")
    return (contact.name, contact.city, contact.postcode, contact.country)


def _line(
    line: FulfilmentLine,
    items: Mapping[ItemId, tuple[str, str]],
    words: Mapping[OrderLineId, str],
    reasons: Mapping[FulfilmentLineId, str],
) -> SummaryLine:
    sku, named = items.get(line.item, ("", ""))
    return SummaryLine(
        sku, words.get(line.order_line, "") or named, line.quantity, line.picked, line.packed, line.loaded,
        line.short, line.cancelled, reasons.get(line.id, ""),
    )  # fmt: skip


def _items(connection: sa.Connection, site: SiteId, items: set[ItemId]) -> dict[ItemId, tuple[str, str]]:
    """Return SKU and words of items."""
    table = sql_of(Item)
    query = sa.select(table.c.id, table.c.sku, table.c.description, table.c.variant).where(
        table.c.site == site, table.c.id.in_(items)
    )
    return {ItemId(row[0]): (row[1], ", ".join(filter(None, row[2:]))) for row in connection.execute(query)}


def _parcels(connection: sa.Connection, site: SiteId, order: OrderId) -> tuple[tuple[str, str, str], ...]:
    parcels, parts, jobs = sql_of(Parcel), sql_of(Fulfilment), sql_of(PrintJob)
    query = (
        sa.select(parcels.c.sscc, sa.func.coalesce(jobs.c.rendering, ""), parcels.c.label)
        .select_from(parcels)
        .join(parts, sa.and_(parts.c.site == parcels.c.site, parts.c.id == parcels.c.fulfilment))
        .outerjoin(jobs, sa.and_(jobs.c.site == parcels.c.site, jobs.c.id == parcels.c.job))
        .where(parts.c.site == site, parts.c.order == order, parcels.c.sscc != "")
        .order_by(parcels.c.number)
    )
    return tuple((str(sscc), str(rendering), str(label)) for sscc, rendering, label in connection.execute(query))


@dataclass(frozen=True, slots=True)
class ParcelSummary:
    """A parcel and how its label stands."""

    parcel: ParcelId
    sscc: str
    order: OrderId
    order_number: str
    carrier: str
    units: int
    weight_grams: int
    state: str
    label: str
    job_state: str
    copies: int
    loaded_at: int
    rendering: str
    """SHA-256 of the label's bytes; empty while there are none."""


@dataclass(frozen=True, slots=True)
class AskParcel:
    """How is it with this parcel?"""

    site: SiteId
    parcel: ParcelId
    again: bool = False
    """Whether nobody scanned it: it is shown again."""

    def run(self, connection: sa.Connection) -> ParcelSummary | None:
        """Return the parcel; None when it is not there."""
        p, orders, jobs = sql_of(Parcel), sql_of(Order), sql_of(PrintJob)
        query = (
            sa.select(
                p.c.id, p.c.sscc, p.c.order, orders.c.number, p.c.carrier, p.c.units, p.c.weight_grams, p.c.state,
                p.c.label, sa.func.coalesce(jobs.c.state, ""), p.c.copies, p.c.loaded_at,
                sa.func.coalesce(jobs.c.rendering, ""),
            )
            .select_from(p)
            .join(orders, sa.and_(orders.c.site == p.c.site, orders.c.id == p.c.order))
            .outerjoin(jobs, sa.and_(jobs.c.site == p.c.site, jobs.c.id == p.c.job))
            .where(p.c.site == self.site, p.c.id == self.parcel)
        )  # fmt: skip
        found = connection.execute(query).first()
        return None if found is None else ParcelSummary(*_values(found))


def _values(row: Sequence[Any]) -> tuple[Any, ...]:
    # SQLAlchemy types the first ten columns of a row only.
    return tuple(row)
