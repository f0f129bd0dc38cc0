"""Deciding which units leave stopped work, out of which totes and parcels; pure once the order with its work is read.

A cancelled fulfilment gives back all that is not in the van; a changed one as many units of a line as its case says,
loose ones first, the highest ordinals of each. One that goes on gives back what two carts picked of it unheard of each other,
once it is packed: until then either of the totes may be the one that is over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

import sqlalchemy as sa

from core.amending.commands import BackUnits, NotThere, ParcelBack, PutBack
from core.amending.queries import AmendView, FillContents, amend_view, fills_of
from core.cases.model import Case, CaseKind
from core.catalog.places import unexplained
from core.kernel import codec
from core.kernel.flow import Stamp
from core.kernel.ids import (
    CaseId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    LocationId,
    LpnId,
    OrderId,
    ParcelId,
    SiteId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.orders.model import FulfilmentLine, StopKind
from core.orders.progress import wanted
from core.packing.model import Parcel, ParcelContent
from core.picking.model import FillState, Pick
from core.picking.trimming import Run, Trimmed, runs_of
from core.rights.model import FloorAnswer, FloorLine, LeaseState, Stage, WorkLease
from core.rules.reasons import MISSING_REASONS
from core.stock.model import StockKey
from core.stock.queries import open_count
from core.waves.model import BatchMember


def plan_put_back(
    connection: sa.Connection,
    site: SiteId,
    order: OrderId,
    fulfilment: FulfilmentId,
    target: LocationId,
    stamp: Stamp,
    case: CaseId | None = None,
) -> PutBack | Refusal:
    """Return the command that says all units to be put back lie at a place now, or why those of a case are not."""
    taking = _taken_out(connection, site, order, fulfilment, case)
    return taking if isinstance(taking, Refusal) else PutBack(**stamp, **taking.of_command(), target=target)


def plan_not_there(
    connection: sa.Connection, site: SiteId, order: OrderId, fulfilment: FulfilmentId, case: CaseId, stamp: Stamp
) -> NotThere | Refusal:
    """Return the command that says the units that a case asks for are nowhere, or why it asks for none.

    Where they were picked from is to be counted, if no count is asked for there.
    """
    taking = _taken_out(connection, site, order, fulfilment, case, alone=True)
    if isinstance(taking, Refusal):
        return taking
    places = {
        StockKey(owner=pick.owner, item=pick.item, lot=pick.lot, lpn=pick.lpn, location=pick.location): None
        for pick in taking.view.picks
        if taking.took(pick)
    }
    # Of a single that was another's nobody knows where it was taken.
    known = (key for key in places if key.location != unexplained(site))
    counts = tuple(key for key in known if open_count(connection, site, key) is None)
    return NotThere(**stamp, **taking.of_command(), reason=MISSING_REASONS[0], counts=counts)


def _taken_out(
    connection: sa.Connection,
    site: SiteId,
    order: OrderId,
    fulfilment: FulfilmentId,
    case: CaseId | None,
    *,
    alone: bool = False,
) -> "_Taking | Refusal":
    """Return the units that the cases of a fulfilment ask for, or one of them alone, or why there are none.

    Of an order that was changed, what two carts picked stays until it goes on: its lines say how many it wants.
    """
    view = amend_view(connection, site, order)
    if view is None:
        return Refusal(Reason.NOT_FOUND)
    stop = next((each.kind for each in view.order.stops if each.fulfilment == fulfilment), None)
    lines = view.lines(fulfilment)
    cases = _asking(view, fulfilment, lines)
    about = next((each.subject for each in cases if each.id == case), None)
    refusal = _not_now(view, fulfilment, lines, stop, [each for each in cases if about in (None, each.subject)])
    if refusal is not None and (
        refusal.reason is not Reason.NOT_FULLY_PICKED or _on_their_way(connection, site, fulfilment)
    ):
        return refusal
    if stop is StopKind.CHANGE:
        cases = [each for each in cases if each.subject != fulfilment]
    if alone and about not in (None, fulfilment):
        lines = tuple(line for line in lines if line.id == about)
        cases = [each for each in cases if each.subject == about]
    asked = _asked(lines, stop, cases)
    fills = fills_of(connection, site, {pick.fill for pick in view.picks if pick.fulfilment == fulfilment})
    taking = _Taking(view, fills, order, fulfilment, tuple(each.id for each in cases), surplus=int(stop is None))
    for line in lines:
        taking.take(line, min(asked.get(line.id, 0), max(line.picked, line.packed) - line.loaded))
    return taking if taking.units else Refusal(Reason.NOTHING_TO_UNDO, {"order": view.order.order.number})


def _not_now(
    view: AmendView,
    fulfilment: FulfilmentId,
    lines: Iterable[FulfilmentLine],
    stop: StopKind | None,
    cases: Iterable[Case],
) -> Refusal | None:
    """Return why nothing of a fulfilment that goes on, or will, is put back now."""
    surplus = any(case.subject == fulfilment for case in cases)
    order = {"order": view.order.order.number}
    if stop is None and not surplus:
        return Refusal(Reason.CHANGED_MEANWHILE)
    if stop is None and any(line.packed < wanted(line) < line.picked for line in lines):
        return Refusal(Reason.PACK_FIRST, order)
    if stop is StopKind.CHANGE and surplus and all(case.subject == fulfilment for case in cases):
        return Refusal(Reason.ORDER_CHANGED, order)
    asked = {case.subject for case in cases}
    going = [line for line in lines if stop is StopKind.CANCEL or (stop is StopKind.CHANGE and line.id in asked)]
    if any(line.picked < line.packed for line in going):
        # It was packed by its slip: out of which tote, the picks say, and they are on their way.
        return Refusal(Reason.NOT_FULLY_PICKED, order)
    return None


def _on_their_way(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId) -> bool:
    """Return whether picks may still be heard of: somebody holds their walk, or was lost with it and nobody has looked for them."""
    leases, members, lines = sql_of(WorkLease), sql_of(BatchMember), sql_of(FloorLine)
    walks = sa.select(members.c.batch).where(members.c.site == site, members.c.fulfilment == fulfilment)
    held = sa.exists().where(
        leases.c.site == site, leases.c.stage == Stage.PICK.value, leases.c.work.in_(walks),
        leases.c.state == LeaseState.HELD.value,
    )  # fmt: skip
    looked_for = sa.exists().where(
        lines.c.site == site, lines.c.stage == Stage.PICK.value, lines.c.fulfilment == fulfilment,
        lines.c.answer == FloorAnswer.OPEN.value,
    )  # fmt: skip
    return bool(connection.execute(sa.select(sa.or_(held, looked_for))).scalar_one())


def _asked(
    lines: Iterable[FulfilmentLine], stop: StopKind | None, cases: Iterable[Case]
) -> Mapping[FulfilmentLineId, int]:
    """Return the units to put back, by line."""
    match stop:
        case None:
            return {line.id: line.picked - wanted(line) for line in lines if line.picked > wanted(line)}
        case StopKind.CANCEL:
            return {line.id: max(line.picked, line.packed) - line.loaded for line in lines}
        case _:
            return _by_line(cases)


def _asking(view: AmendView, fulfilment: FulfilmentId, lines: Iterable[FulfilmentLine]) -> list[Case]:
    subjects = {bytes(fulfilment), *(bytes(line.id) for line in lines)}
    return [case for case in view.cases if case.kind is CaseKind.PUT_BACK and case.subject in subjects]


def _by_line(cases: Iterable[Case]) -> dict[FulfilmentLineId, int]:
    asked: dict[FulfilmentLineId, int] = defaultdict(int)
    for case in cases:
        asked[FulfilmentLineId(case.subject)] += int(codec.parse(case.facts).get("quantity", 0))
    return asked


class _Fields(TypedDict):
    order: OrderId
    fulfilment: FulfilmentId
    units: tuple[BackUnits, ...]
    picks: tuple[Trimmed, ...]
    contents: tuple[Trimmed, ...]
    parcels: tuple[ParcelBack, ...]
    empties: tuple[FillId, ...]
    cases: tuple[CaseId, ...]
    surplus: int


@dataclass(slots=True)
class _Taking:
    """Units taken out so far, by ordinal: of each tote and parcel for itself, since two totes may hold the same."""

    view: AmendView
    fills: Mapping[FillId, FillContents]
    order: OrderId
    fulfilment: FulfilmentId
    cases: tuple[CaseId, ...]
    surplus: int
    units: list[BackUnits] = field(default_factory=list)
    out: dict[tuple[FulfilmentLineId, bytes], set[int]] = field(default_factory=lambda: defaultdict(set))
    from_fill: dict[FillId, int] = field(default_factory=lambda: defaultdict(int))
    from_parcel: dict[ParcelId, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, line: FulfilmentLine, quantity: int) -> None:
        """Take units of a line: loose ones, then out of parcels that are still here."""
        for pick, run in reversed(list(self._loose(line))):
            here = min(quantity, run.quantity)
            if here:
                self._add(line, self._in_tote(pick), Run(run.first + run.quantity - here, here), packed=0)
                self.from_fill[pick.fill] += here
                quantity -= here
        boxes = {box.id: box for box in self.view.parcels if not box.loaded_at}
        inside = [each for each in self.view.contents if each.line == line.id and each.parcel in boxes]
        for row in reversed(inside):
            here = min(quantity, row.quantity)
            if here:
                run = Run(row.first + row.quantity - here, here)
                self._add(line, _in_parcel(row, boxes[row.parcel]), run, packed=1)
                self.out[line.id, self._picked_into(row, run)].update(range(run.first, run.first + run.quantity))
                self.from_parcel[row.parcel] += here
                quantity -= here

    def _loose(self, line: FulfilmentLine) -> Iterator[tuple[Pick, Run]]:
        """Yield the units in totes; those given up at the bench have the highest ordinals and are not there."""
        packed = {
            (each.fill, ordinal)
            for each in self.view.contents
            if each.line == line.id
            for ordinal in range(each.first, each.first + each.quantity)
        }
        room = max(0, line.picked - line.packed)
        for pick in self.view.picks:
            if pick.line != line.id:
                continue
            for run in runs_of(ordinal for ordinal in _ordinals(pick) if (pick.fill, ordinal) not in packed):
                here = min(room, run.quantity)
                if here and pick.fill in self.fills:
                    yield pick, Run(run.first, here)
                    room -= here

    def _picked_into(self, row: ParcelContent, run: Run) -> bytes:
        """Return the filling that packed units were picked into: of singles that were packed unheard another may be named."""
        fills = [pick.fill for pick in self.view.picks if pick.line == row.line and run.first in _ordinals(pick)]
        return row.fill if row.fill in fills else next(iter(fills), row.fill)

    def _in_tote(self, pick: Pick) -> StockKey:
        place = self.fills[pick.fill].row.location
        return StockKey(
            owner=pick.owner, item=pick.item, lot=pick.lot, serial=pick.serial, location=place, lpn=LpnId(pick.fill)
        )

    def _add(self, line: FulfilmentLine, source: StockKey, run: Run, *, packed: int) -> None:
        self.units.append(
            BackUnits(line=line.id, order_line=line.order_line, source=source, quantity=run.quantity, packed=packed)
        )
        self.out[line.id, source.lpn].update(range(run.first, run.first + run.quantity))

    def took(self, row: Pick | ParcelContent) -> bool:
        """Return whether any of a row's units are taken out."""
        return not self._out_of(row).isdisjoint(_ordinals(row))

    def _out_of(self, row: Pick | ParcelContent) -> set[int]:
        return self.out.get((row.line, row.fill if isinstance(row, Pick) else row.parcel), set())

    def of_command(self) -> _Fields:
        """Return what a command says of them."""
        return {
            "order": self.order, "fulfilment": self.fulfilment, "units": tuple(self.units),
            "picks": tuple(self.trimmed_picks()), "contents": tuple(self.trimmed_contents()),
            "parcels": tuple(self.parcels()), "empties": tuple(self.empties()), "cases": self.cases,
            "surplus": self.surplus,
        }  # fmt: skip

    def trimmed_picks(self) -> Iterator[Trimmed]:
        """Yield the picks that units were taken of, with what is left of each."""
        for pick in self.view.picks:
            yield from self._trimmed(pick)

    def trimmed_contents(self) -> Iterator[Trimmed]:
        """Yield the rows of parcels' contents that units were taken of, with what is left of each."""
        for row in self.view.contents:
            yield from self._trimmed(row)

    def _trimmed(self, row: Pick | ParcelContent) -> Iterator[Trimmed]:
        gone = self._out_of(row)
        left = [ordinal for ordinal in _ordinals(row) if ordinal not in gone]
        if len(left) < row.quantity:
            yield Trimmed(row.id, tuple(runs_of(left)))

    def parcels(self) -> Iterator[ParcelBack]:
        """Yield the parcels that units were taken out of."""
        for box in self.view.parcels:
            gone = self.from_parcel.get(box.id, 0)
            if gone:
                yield ParcelBack(box.id, gone, int(gone >= box.units))

    def empties(self) -> Iterator[FillId]:
        """Yield the tote fillings that nothing is left in, of batches that are done."""
        for fill, gone in self.from_fill.items():
            here = self.fills[fill]
            if here.row.state is FillState.PICKED and here.units <= gone:
                yield fill


def _in_parcel(row: ParcelContent, box: Parcel) -> StockKey:
    return StockKey(
        owner=row.owner, item=row.item, lot=row.lot, serial=row.serial, location=box.place, lpn=LpnId(box.id)
    )


def _ordinals(row: Pick | ParcelContent) -> range:
    return range(row.first, row.first + row.quantity)
