"""What a bench packs next: an order by its tote, its number or a single unit; a parcel that was closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.catalog.fill_codes import read_fill_code
from core.catalog.model import BoxType, Container, Item
from core.catalog.readings import FillCode
from core.kernel.flow import Candidate, CodeKind
from core.kernel.ids import (
    NO_ID,
    BatchId,
    ContainerId,
    FillId,
    FulfilmentId,
    ItemId,
    OrderId,
    ParcelId,
    SiteId,
    StationId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import PrintJob
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment, FulfilmentLine, Order, StopKind, StopRequest
from core.packing.bench import addressed, pack_view, pack_view_by_lease, pack_view_by_slip, parked
from core.packing.decide import verify
from core.packing.enclosed import AskPaper
from core.packing.model import LabelState, Parcel, ParcelContent, ParcelState
from core.packing.views import ClosedParcel, PackView, Single
from core.packing.weight import Weighed, weight_check
from core.picking.model import IN_USE, Fill, FillState, Pick
from core.rights.model import LeaseState, SiteStation, Stage, WorkLease
from core.stock.model import Lot, Reservation
from core.waves.leases import may_pack, packing_began
from core.waves.model import Batch, BatchState, PickTask

_UNITS_READ = 200
"""Loose units of one item that are looked at; the most urgent come first."""
_TRIES = 3

Found = PackView | Refusal


@dataclass(frozen=True, slots=True)
class AskPack:
    """What is to be packed out of this tote, or of this order?"""

    site: SiteId
    station: StationId
    """Whose label numbers count."""
    kind: CodeKind
    """TOTE, ORDER, or BATCH for a fulfilment by its id."""
    target: bytes
    """Empty for a tote that only its code is known of."""
    got: str = ""
    slip: str = ""
    """The tote's slip, where it is packed by that."""
    besides: tuple[str, ...] = ()
    """Slips of other totes of the order that are here as well."""

    def run(self, connection: sa.Connection) -> Found | ClosedParcel:
        """Return the order at the bench; its parcel that waits for a label; or why it may not be packed."""
        code = read_fill_code(self.slip) if self.slip else None
        if isinstance(code, FillCode):
            return pack_view_by_slip(connection, code, self.slip, self.station, self.besides)
        match self.kind:
            case CodeKind.TOTE:
                return self._tote(connection)
            case CodeKind.ORDER:
                return self._order(connection)
            case _:
                return pack_view(connection, self.site, FulfilmentId(self.target), self.station)

    def _tote(self, connection: sa.Connection) -> Found:
        fills, totes, stations = sql_of(Fill), sql_of(Container), sql_of(SiteStation)
        named = sa.select(totes.c.id).where(totes.c.site == self.site, totes.c.code == self.got).scalar_subquery()
        mine = may_pack(self.site, self.station, fills.c.batch)
        query = sa.select(fills.c.fulfilment, fills.c.state, fills.c.fence, mine, fills.c.id).where(
            fills.c.site == self.site, fills.c.container == (ContainerId(self.target) if self.target else named),
            fills.c.state.in_(IN_USE),
        )  # fmt: skip
        row = connection.execute(query.order_by(fills.c.opened_at.desc(), fills.c.id.desc()).limit(1)).first()
        if row is None:
            shared = connection.execute(sa.select(stations.c.id).where(stations.c.site == self.site).limit(1)).first()
            return Refusal(Reason.NOTHING_TO_PACK if shared is None else Reason.SLIP_NEEDED, {"got": self.got})
        if row[0] == NO_ID and not row[3]:
            # A unit out of it would be taken for one of this bench's own singles, and would be missed at the other.
            return Refusal(Reason.WORK_HELD, {"got": self.got})
        if row[0] == NO_ID:
            return Refusal(Reason.SINGLE_UNITS, {"got": self.got})
        if row[1] != FillState.PICKED.value and row[2]:
            # What was picked of it since may not be known here: its slip says it all.
            return Refusal(Reason.SLIP_NEEDED, {"got": self.got})
        found = pack_view(connection, self.site, FulfilmentId(row[0]), self.station, FillId(row[4]))
        if isinstance(found, Refusal) and found.reason is Reason.ALREADY_PACKED:
            return Refusal(Reason.LEFT_OVER, found.facts)
        return found

    def _order(self, connection: sa.Connection) -> Found | ClosedParcel:
        parts = sql_of(Fulfilment)
        query = sa.select(parts.c.id).where(parts.c.site == self.site, parts.c.order == OrderId(self.target))
        ids = list(connection.execute(query.order_by(parts.c.open.desc(), parts.c.number)).scalars())
        if not ids:
            return Refusal(Reason.NOT_FOUND, {"got": self.got})
        found = pack_view(connection, self.site, FulfilmentId(ids[0]), self.station)
        if isinstance(found, Refusal) and found.reason is Reason.ALREADY_PACKED:
            return self._unlabelled(connection, FulfilmentId(ids[0])) or found
        return found

    def _unlabelled(self, connection: sa.Connection, fulfilment: FulfilmentId) -> ClosedParcel | Refusal | None:
        """Return a packed parcel whose label was not scanned back: nothing is opened again for a label."""
        p = sql_of(Parcel)
        query = sa.select(p.c.id).where(
            p.c.site == self.site, p.c.fulfilment == fulfilment, p.c.state == ParcelState.CLOSED.value,
            p.c.label != LabelState.APPLIED.value, p.c.loaded_at == 0,
        )  # fmt: skip
        parcel = connection.execute(query.order_by(p.c.number).limit(1)).scalar_one_or_none()
        return None if parcel is None else AskClosed(self.site, ParcelId(parcel)).run(connection)


@dataclass(frozen=True, slots=True)
class AskSingle:
    """Whose is this unit? The most urgent order with one like it in a bulk tote; else the one order that has it loose."""

    site: SiteId
    station: StationId
    said: tuple[Candidate, ...]
    """The items that the code may mean; none for a bare serial number."""
    raw: str

    def run(self, connection: sa.Connection) -> Single | Refusal:
        """Return the order with the unit that was scanned, or why there is none."""
        rows = self._loose(connection)
        unheard = () if rows else self._unheard(connection)
        if unheard:
            return self._by_lease(connection, unheard)
        if not rows and self._loose(connection, anybodys=True):
            return Refusal(Reason.WORK_HELD, {"got": self.raw})
        if not rows:
            reason = Reason.NOTHING_TO_PACK if self.said else Reason.UNKNOWN_CODE
            return Refusal(reason, {"got": self.said[0].code if self.said else self.raw})
        singles = [row for row in rows if row.bulk]
        if len({row.item for row in rows}) > 1 or (not singles and len({row.fulfilment for row in rows}) > 1):
            return Refusal(Reason.AMBIGUOUS_CODE, {"got": self.raw})
        said = self._candidate(rows[0].item)
        if not singles:
            found = pack_view(connection, self.site, rows[0].fulfilment, self.station)
            return found if isinstance(found, Refusal) else Single(found, ())
        return self._single(connection, singles, said)

    def _unheard(self, connection: sa.Connection) -> tuple[tuple[FulfilmentId, BatchId, ItemId], ...]:
        """Return orders of singles of this kind that this bench holds and whose picks are not known here.

        Those of walks that were begun first, then of those that carts begin next: a unit that lies here comes from one of them.
        """
        r, t, lease, lines, parts, b = (
            sql_of(Reservation), sql_of(PickTask), sql_of(WorkLease), sql_of(FulfilmentLine), sql_of(Fulfilment),
            sql_of(Batch),
        )  # fmt: skip
        targets = [each.target for each in self.said]
        which = r.c.item.in_(targets) if targets else sa.and_(r.c.serial == self.raw, r.c.serial != "")
        query = (
            sa.select(parts.c.id, t.c.batch, r.c.item)
            .select_from(lease)
            .join(t, sa.and_(t.c.site == lease.c.site, t.c.batch == lease.c.work))
            .join(b, sa.and_(b.c.site == t.c.site, b.c.id == t.c.batch))
            .join(r, sa.and_(r.c.site == t.c.site, r.c.work == t.c.id))
            .join(lines, sa.and_(lines.c.site == r.c.site, lines.c.id == r.c.demand))
            .join(parts, sa.and_(parts.c.site == lines.c.site, parts.c.id == lines.c.fulfilment))
            .where(
                lease.c.site == self.site, lease.c.station == self.station, lease.c.stage == Stage.PACK.value,
                lease.c.state == LeaseState.HELD.value, which,
                sa.or_(lease.c.recalled_at == 0, packing_began(self.site, lease.c.work)),
                lines.c.packed < lines.c.quantity - lines.c.short - lines.c.cancelled,
            )
            .order_by(
                ~addressed(self.site, parts.c.contact), b.c.state == BatchState.READY.value, b.c.priority.desc(), *_due_first(b), b.c.number,
                parts.c.priority.desc(), *_due_first(parts), parts.c.ordered_at, parts.c.id,
            )
            .limit(_UNITS_READ)
        )  # fmt: skip
        found = (tuple(row) for row in connection.execute(query))
        return tuple((FulfilmentId(part), BatchId(walk), ItemId(kind)) for part, walk, kind in found)

    def _by_lease(
        self, connection: sa.Connection, unheard: Sequence[tuple[FulfilmentId, BatchId, ItemId]]
    ) -> Single | Refusal:
        """Return the most urgent order that the unit fits: the lease is the right to it, the unit in hand its proof."""
        if len({kind for _, _, kind in unheard}) > 1:
            return Refusal(Reason.AMBIGUOUS_CODE, {"got": self.raw})
        said = self._candidate(unheard[0][2])
        why: Refusal | None = None
        for fulfilment, walk in list(dict.fromkeys((part, walk) for part, walk, _ in unheard))[:_TRIES]:
            found = pack_view_by_lease(connection, self.site, fulfilment, self.station, walk)
            units = found if isinstance(found, Refusal) else verify(found, said, self.raw)
            if isinstance(found, PackView) and not isinstance(units, Refusal):
                return Single(found, units)
            why = why or (units if isinstance(units, Refusal) else None)
        return why or Refusal(Reason.NOTHING_TO_PACK, {"got": said.code})

    def _single(self, connection: sa.Connection, rows: "Sequence[_Unit]", said: Candidate) -> Single | Refusal:
        narrowed = [
            row for row in rows if said.lot in ("", row.lot_code) and (not said.serial or said.serial == row.serial)
        ]
        if not narrowed:
            return Refusal(Reason.WRONG_LOT if said.lot else Reason.WRONG_SERIAL, {"got": said.lot or said.serial})
        if rows[0].lot_control and not said.lot and not said.serial and len({row.lot_code for row in rows}) > 1:
            return Refusal(Reason.SCAN_LOT, {"item": said.code})
        why: Refusal | None = None
        for fulfilment in list(dict.fromkeys(row.fulfilment for row in narrowed))[:_TRIES]:
            found = pack_view(connection, self.site, fulfilment, self.station)
            if isinstance(found, PackView):
                units = verify(found, said, self.raw)
                return units if isinstance(units, Refusal) else Single(found, units)
            why = why or found
        return why or Refusal(Reason.NOTHING_TO_PACK, {"got": said.code})

    def _candidate(self, kind: ItemId) -> Candidate:
        mine = next((each for each in self.said if each.target == kind), None)
        if mine is not None:
            return mine
        return Candidate(kind=CodeKind.ITEM, target=kind, code=self.raw, label=self.raw, serial=self.raw)

    def _loose(self, connection: sa.Connection, *, anybodys: bool = False) -> "list[_Unit]":
        """Return loose units of this kind: those that no tote binds to an order only where they are this bench's."""
        p, f, parts, lines, lots, items, stops = (
            sql_of(Pick), sql_of(Fill), sql_of(Fulfilment), sql_of(FulfilmentLine), sql_of(Lot), sql_of(Item),
            sql_of(StopRequest),
        )  # fmt: skip
        targets = [each.target for each in self.said]
        which = p.c.item.in_(targets) if targets else sa.and_(p.c.serial == self.raw, p.c.serial != "")
        mine = sa.or_(f.c.fulfilment != NO_ID, may_pack(self.site, self.station, f.c.batch))
        waits = sa.or_(
            stops.c.kind.is_not(None), parts.c.held > 0, parked(self.site, parts.c.id),
            ~addressed(self.site, parts.c.contact),
        )  # fmt: skip
        query = (
            sa.select(
                parts.c.id, p.c.item, sa.func.coalesce(lots.c.code, ""), p.c.serial, f.c.fulfilment == NO_ID,
                items.c.lot_control,
            )
            .select_from(p)
            .join(f, sa.and_(f.c.site == p.c.site, f.c.id == p.c.fill))
            .join(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
            .join(lines, sa.and_(lines.c.site == p.c.site, lines.c.id == p.c.line))
            .join(items, sa.and_(items.c.site == p.c.site, items.c.id == p.c.item))
            .outerjoin(lots, sa.and_(lots.c.site == p.c.site, lots.c.id == p.c.lot))
            .outerjoin(stops, sa.and_(stops.c.site == parts.c.site, stops.c.fulfilment == parts.c.id))
            .where(f.c.site == self.site, f.c.state == FillState.PICKED.value, which, lines.c.picked > lines.c.packed)
            .where(sa.true() if anybodys else mine)
            .order_by(waits, parts.c.priority.desc(), *_due_first(parts), parts.c.ordered_at, parts.c.id)
            .limit(_UNITS_READ)
        )  # fmt: skip
        return [_Unit(*tuple(row)) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class _Unit:
    fulfilment: FulfilmentId
    item: ItemId
    lot_code: str
    serial: str
    bulk: int
    lot_control: int


def _due_first(parts: Any) -> tuple[Any, Any]:
    return parts.c.cut_off_at == 0, parts.c.cut_off_at


@dataclass(frozen=True, slots=True)
class AskClosed:
    """The parcel that was just closed, or whose label was scanned."""

    site: SiteId
    parcel: ParcelId

    def run(self, connection: sa.Connection) -> ClosedParcel | Refusal | None:
        """Return it with what comes next; None when it is gone or open, and why where its order was cancelled."""
        p, orders, parts, contents, items, boxes, jobs, stops = (
            sql_of(Parcel), sql_of(Order), sql_of(Fulfilment), sql_of(ParcelContent), sql_of(Item), sql_of(BoxType),
            sql_of(PrintJob), sql_of(StopRequest),
        )  # fmt: skip
        query = (
            sa.select(
                p.c.id, p.c.sscc, p.c.order, orders.c.number, p.c.fulfilment, p.c.carrier, p.c.units, p.c.weight_grams,
                sa.case((parts.c.picked > parts.c.packed, 1), else_=0),
                sa.case((p.c.label == LabelState.APPLIED.value, 1), else_=0), sa.func.coalesce(jobs.c.state, ""),
                sa.func.coalesce(jobs.c.fault, ""), sa.func.coalesce(jobs.c.rendering, ""), contents.c.quantity,
                items.c.weight_grams, items.c.weight_sigma_mg, items.c.weight_samples,
                sa.case((p.c.loaded_at == 0, stops.c.text), else_=None), sa.func.coalesce(boxes.c.tare_grams, 0),
            )
            .select_from(p)
            .join(orders, sa.and_(orders.c.site == p.c.site, orders.c.id == p.c.order))
            .join(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
            .outerjoin(boxes, sa.and_(boxes.c.site == p.c.site, boxes.c.id == p.c.box_type))
            .outerjoin(jobs, sa.and_(jobs.c.site == p.c.site, jobs.c.id == p.c.job))
            .outerjoin(
                stops,
                sa.and_(
                    stops.c.site == p.c.site, stops.c.fulfilment == p.c.fulfilment,
                    stops.c.kind == StopKind.CANCEL.value,
                ),
            )
            .join(contents, sa.and_(contents.c.site == p.c.site, contents.c.parcel == p.c.id))
            .outerjoin(items, sa.and_(items.c.site == contents.c.site, items.c.id == contents.c.item))
            .where(p.c.site == self.site, p.c.id == self.parcel, p.c.state == ParcelState.CLOSED.value)
        )  # fmt: skip
        rows = [list(row) for row in connection.execute(query)]
        if not rows:
            return None
        *_, cancelled, tare = rows[0]
        if cancelled is not None:
            sscc, number = rows[0][1], rows[0][3]
            paper = AskPaper(self.site, sscc).run(connection)
            facts = {"order": number, "text": cancelled, "paper": ",".join(paper)}
            return Refusal(Reason.ORDER_CANCELLED, facts)
        inside = (
            Weighed(quantity, grams, sigma or 0, samples or 0) for *_, quantity, grams, sigma, samples, _, _ in rows
        )
        check = weight_check(inside, tare)
        weights = (check.expected_grams, check.tolerance_grams) if check.known else (0, 0)
        return ClosedParcel(*[*rows[0][:10], *weights, *rows[0][10:13]])


def in_hospital(connection: sa.Connection, site: SiteId, order: OrderId) -> frozenset[FulfilmentId]:
    """Return the fulfilments of an order that wait in the hospital."""
    parts = sql_of(Fulfilment)
    query = sa.select(parts.c.id).where(parts.c.site == site, parts.c.order == order, parked(site, parts.c.id))
    return frozenset(FulfilmentId(bytes(row[0])) for row in connection.execute(query))
