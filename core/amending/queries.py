"""Reading an order with all the work that hangs on it: what a decision about it has to reckon with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.amending.commands.office import told_by_cancel
from core.cases.model import Case, CaseKind, CaseState
from core.kernel import codec
from core.kernel.ids import BatchId, FillId, FulfilmentId, OrderId, SiteId
from core.kernel.tables import R, rows_of, sql_of
from core.orders.model import CancelState, FulfilmentLine, OrderCancel, waits_for
from core.orders.queries import OrderView, order_view
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.picking.model import Fill, Pick
from core.rights.model import SiteStation
from core.rights.queries import docks_on_hold
from core.stock.model import Balance, Reservation
from core.waves.model import Batch, PickTask, TaskState


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that a fulfilment of the order is in, as far as its end is concerned."""

    row: Batch
    open_tasks: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class AmendView:
    """An order with its reservations, tasks, batches, picks and parcels."""

    order: OrderView
    reservations: tuple[Reservation, ...]
    tasks: Mapping[bytes, PickTask]
    batches: Mapping[BatchId, OpenBatch]
    picks: tuple[Pick, ...]
    parcels: tuple[Parcel, ...]
    contents: tuple[ParcelContent, ...]
    cases: tuple[Case, ...]
    """Open ones about this order."""
    shared: bool = False
    """Whether others work at the site: what is known here is not all that happened."""

    def lines(self, fulfilment: FulfilmentId) -> tuple[FulfilmentLine, ...]:
        """Return the lines of a fulfilment."""
        return tuple(line for line in self.order.fulfilment_lines if line.fulfilment == fulfilment)


def amend_view(connection: sa.Connection, site: SiteId, order: OrderId) -> AmendView | None:
    """Return an order with all its work; None when it is not there."""
    view = order_view(connection, site, order)
    if view is None:
        return None
    parts = [part.id for part in view.fulfilments]
    held = _where(connection, Reservation, site, "demand", [line.id for line in view.fulfilment_lines])
    tasks = _where(connection, PickTask, site, "id", {row.work for row in held})
    batches = _batches(connection, site, {row.batch for row in tasks})
    return AmendView(
        view,
        tuple(sorted(held, key=lambda row: (row.demand, row.first))),
        {row.id: row for row in tasks},
        batches,
        tuple(sorted(_where(connection, Pick, site, "fulfilment", parts), key=lambda row: (row.line, row.first))),
        _where(connection, Parcel, site, "fulfilment", parts),
        _contents(connection, site, parts),
        _cases(connection, site, order),
        bool(connection.execute(sa.select(sa.exists().where(sql_of(SiteStation).c.site == site))).scalar_one()),
    )


def _where(
    connection: sa.Connection, cls: type[R], site: SiteId, column: str, values: Iterable[bytes]
) -> tuple[R, ...]:
    table = sql_of(cls)
    query = sa.select(table).where(table.c.site == site, table.c[column].in_(sorted(values)))
    return rows_of(cls, connection.execute(query))


def _contents(connection: sa.Connection, site: SiteId, parts: Iterable[FulfilmentId]) -> tuple[ParcelContent, ...]:
    inside, boxes = sql_of(ParcelContent), sql_of(Parcel)
    query = (
        sa.select(inside)
        .select_from(boxes)
        .join(inside, sa.and_(inside.c.site == boxes.c.site, inside.c.parcel == boxes.c.id))
        .where(boxes.c.site == site, boxes.c.fulfilment.in_(sorted(parts)), boxes.c.state != ParcelState.VOID.value)
        .order_by(inside.c.line, inside.c.first)
    )
    return rows_of(ParcelContent, connection.execute(query))


def _cases(connection: sa.Connection, site: SiteId, order: OrderId) -> tuple[Case, ...]:
    cases = sql_of(Case)
    kinds = [CaseKind.PUT_BACK.value, CaseKind.CANCEL_TOO_LATE.value]
    query = sa.select(cases).where(
        cases.c.site == site, cases.c.state == CaseState.OPEN.value, cases.c.order == order, cases.c.kind.in_(kinds)
    )
    return rows_of(Case, connection.execute(query.order_by(cases.c.opened_at, cases.c.id)))


def _batches(connection: sa.Connection, site: SiteId, ids: Iterable[BatchId]) -> Mapping[BatchId, OpenBatch]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    tasks = sql_of(PickTask)
    query = sa.select(tasks.c.batch, tasks.c.id).where(
        tasks.c.site == site, tasks.c.batch.in_(wanted), tasks.c.state == TaskState.OPEN.value
    )
    stops = list(connection.execute(query))
    return {
        row.id: OpenBatch(row, frozenset(bytes(task) for batch, task in stops if batch == row.id))
        for row in _where(connection, Batch, site, "id", wanted)
    }


@dataclass(frozen=True, slots=True)
class TooLate:
    """What somebody was told of an order that left against the office's word, whether or not it is decided by now."""

    by_cancel: int
    """Units that had left when the order was cancelled, or left after it."""
    unheard: int
    """Units that left after a change that their dock had not heard of."""
    boxes: frozenset[str]
    """Parcels that left with a label from before a change, by their ids as text."""
    nameless: int
    """Parcels and units of which an earlier program told by a change, without saying which: they are taken for parcels first."""
    nameless_unheard: int
    """Those of them that left unheard of it: what is no parcel is units."""

    def untold(self, gone: Iterable[Parcel]) -> tuple[Parcel, ...]:
        """Return those of the parcels that left with a label from before which nobody was told of."""
        return self._unnamed(gone)[self.nameless :]

    def units_unheard(self, gone: Iterable[Parcel]) -> int:
        """Return the units that left unheard of a change and were told, where these parcels left with a label from before."""
        parcels = min(self.nameless, len(self._unnamed(gone)))
        return self.unheard + min(self.nameless_unheard, self.nameless - parcels)

    def _unnamed(self, gone: Iterable[Parcel]) -> tuple[Parcel, ...]:
        unnamed = (box for box in gone if box.id.hex() not in self.boxes)
        return tuple(sorted(unnamed, key=lambda box: (box.loaded_at, box.id)))


def told_too_late(connection: sa.Connection, site: SiteId, order: OrderId) -> TooLate:
    """Return what was told of an order: a case that is decided was told as well."""
    cases = sql_of(Case)
    query = sa.select(cases.c.facts).where(
        cases.c.site == site, cases.c.kind == CaseKind.CANCEL_TOO_LATE.value, cases.c.order == order
    )
    facts = [str(each) for each in connection.execute(query).scalars()]
    changes = [each for each in map(codec.parse, facts) if each["what"] == "change"]
    named = [(each, [box for box in each["parcels"].split(",") if box]) for each in changes if "parcels" in each]
    nameless = [each for each in changes if "parcels" not in each]
    return TooLate(
        told_by_cancel(facts),
        sum(int(each["quantity"]) - len(boxes) for each, boxes in named if each.get("unheard")),
        frozenset(box for _, boxes in named for box in boxes),
        sum(int(each["quantity"]) for each in nameless),
        sum(int(each["quantity"]) for each in nameless if each.get("unheard")),
    )


@dataclass(frozen=True, slots=True)
class CancelStanding:
    """How far an order's cancel is."""

    final: bool
    waits: tuple[str, ...]
    """The docks that may not have heard of it, as people call them."""
    on_hold: tuple[str, ...] = ()
    """Those of them that wait themselves, until what they may have loaded was looked for."""


def cancel_standing(connection: sa.Connection, site: SiteId, order: OrderId) -> CancelStanding | None:
    """Return how far the cancel of an order is; None where nobody asked for one."""
    cancels, stations = sql_of(OrderCancel), sql_of(SiteStation)
    query = sa.select(cancels).where(cancels.c.site == site, cancels.c.order == order)
    found = rows_of(OrderCancel, connection.execute(query))
    if not found:
        return None
    docks = waits_for(found[0])
    named = sa.select(stations.c.id, stations.c.name).where(stations.c.site == site, stations.c.id.in_(docks))
    names = list(connection.execute(named.order_by(stations.c.name))) if docks else []
    held = docks_on_hold(connection, site) if docks else frozenset()
    return CancelStanding(
        found[0].state is CancelState.FINAL, tuple(str(name) for _, name in names),
        tuple(str(name) for dock, name in names if bytes(dock) in held),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FillContents:
    """A tote filling with the units the books have in it."""

    row: Fill
    units: int


def fills_of(connection: sa.Connection, site: SiteId, ids: Iterable[FillId]) -> Mapping[FillId, FillContents]:
    """Return tote fillings with how many units of anything lie in each."""
    fills, b = sql_of(Fill), sql_of(Balance)
    query = (
        sa.select(fills, sa.func.coalesce(sa.func.sum(b.c.total), 0))
        .select_from(fills)
        .outerjoin(b, sa.and_(b.c.site == fills.c.site, b.c.location == fills.c.location, b.c.lpn == fills.c.id))
        .where(fills.c.site == site, fills.c.id.in_(sorted(ids)))
        .group_by(*fills.c)
    )
    width = len(Fill.TABLE.columns)
    found = {}
    for raw in connection.execute(query):
        values = tuple(raw)
        row = rows_of(Fill, [values[:width]])[0]
        found[row.id] = FillContents(row, int(values[width]))
    return found
