"""Goods of a stopped fulfilment go back from totes and parcels to a place: what that writes.

`commands.py` of this area are the office's decisions; this is the floor's fact that follows from one.
"""

from dataclasses import dataclass, replace

from core.amending.cuts import count_cancelled
from core.cases.model import Case, CaseState
from core.catalog.model import Location
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import (
    CaseId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    LocationId,
    OrderId,
    OrderLineId,
    ParcelId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine, OrderLine, StopRequest
from core.orders.progress import advance
from core.packing.commands import void_label
from core.packing.model import LabelState, Parcel, ParcelContent, ParcelState
from core.picking.model import Fill, FillState, Pick
from core.picking.trimming import Trimmed, trim_picks
from core.stock.ledger import Movement, balance_keys, on_hand, post
from core.stock.model import NO_LPN, Balance, Cause, StockKey

PUT_BACK = "put_back"
"""The decision that closes a case by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackUnits:
    """Units of a line that go back, out of a tote filling or out of a parcel."""

    line: FulfilmentLineId
    order_line: OrderLineId
    source: StockKey
    quantity: int
    packed: int
    """1 when they come out of a parcel."""


@dataclass(frozen=True, slots=True)
class ParcelBack:
    """A parcel that units were taken out of."""

    parcel: ParcelId
    quantity: int
    empty: int
    """1 when nothing is left in it: it is given up. Else it is open again, its label void."""


@command("amending.put_back", OpClass.FACT, permission="stock.move")
class PutBack(Command):
    """Goods of a stopped fulfilment lie at a place again; the units are cancelled."""

    order: OrderId
    fulfilment: FulfilmentId
    target: LocationId
    units: tuple[BackUnits, ...]
    picks: tuple[Trimmed, ...]
    contents: tuple[Trimmed, ...]
    parcels: tuple[ParcelBack, ...]
    empties: tuple[FillId, ...]
    """Tote fillings that are empty with it."""
    cases: tuple[CaseId, ...]
    """The cases that asked for it."""

    def _moves(self) -> list[Movement]:
        return [
            Movement(
                each.source,
                replace(each.source, location=self.target, lpn=NO_LPN),
                each.quantity,
                Cause.UNPACK if each.packed else Cause.UNPICK,
            )
            for each in self.units
        ]

    def reads(self) -> Reads:
        """Return lines, balances, picks, contents, parcels, totes and the stop."""
        return {
            StopRequest: [(self.site, self.fulfilment)],
            Fulfilment: [(self.site, self.fulfilment)],
            FulfilmentLine: [(self.site, each.line) for each in self.units],
            OrderLine: [(self.site, each.order_line) for each in self.units],
            Balance: balance_keys(self.site, self._moves()),
            Location: [(self.site, self.target), *((self.site, each.source.location) for each in self.units)],
            Pick: [(self.site, each.row) for each in self.picks],
            ParcelContent: [(self.site, each.row) for each in self.contents],
            Parcel: [(self.site, each.parcel) for each in self.parcels],
            Fill: [(self.site, each) for each in self.empties],
            Case: [(self.site, each) for each in self.cases],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse work that is not stopped, a place that is not, and goods that are not there."""
        if read.get(StopRequest, (self.site, self.fulfilment)) is None:
            return Refusal(Reason.CHANGED_MEANWHILE)
        place = read.get(Location, (self.site, self.target))
        if place is None:
            return Refusal(Reason.NOT_FOUND)
        if place.blocked:
            return Refusal(Reason.LOCATION_BLOCKED, {"location": place.code})
        for each in self.parcels:
            box = read.get(Parcel, (self.site, each.parcel))
            if box is None or box.state is ParcelState.VOID:
                return Refusal(Reason.CHANGED_MEANWHILE)
            if box.loaded_at:
                return Refusal(Reason.ALREADY_LOADED, {"label": box.sscc})
        return self._check_units(read)

    def _check_units(self, read: Read) -> Refusal | None:
        if any(read.get(Pick, (self.site, each.row)) is None for each in self.picks) or any(
            read.get(ParcelContent, (self.site, each.row)) is None for each in self.contents
        ):
            return Refusal(Reason.CHANGED_MEANWHILE)
        asked: dict[StockKey, int] = {}
        for each in self.units:
            if each.quantity <= 0:
                return Refusal(Reason.NOT_A_QUANTITY, {"quantity": each.quantity})
            asked[each.source] = asked.get(each.source, 0) + each.quantity
        for key, quantity in asked.items():
            have = on_hand(read, self.site, key)
            if have < quantity:
                return Refusal(Reason.NOT_IN_STOCK_HERE, {"wanted": quantity, "got": have})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Move the goods, count the units cancelled, close parcels, totes and cases."""
        post(uow, self, self._moves())
        for each in self.units:
            self._count(uow, each)
        self._trim(uow)
        paper = [kind for parcel in self.parcels for kind in self._take_out(uow, parcel)]
        for fill in self.empties:
            tote = uow.get(Fill, (self.site, fill))
            if tote is not None and tote.state is FillState.PICKED:
                uow.update(tote, state=FillState.EMPTIED)
        for case_id in self.cases:
            case = uow.get(Case, (self.site, case_id))
            if case is not None and case.state is CaseState.OPEN:
                uow.update(case, state=CaseState.CLOSED, decided_by=self.actor, decision=PUT_BACK, closed_at=self.at)
        uow.tell(units=sum(each.quantity for each in self.units))
        if paper:
            uow.tell(paper=",".join(dict.fromkeys(paper)))

    def _count(self, uow: UnitOfWork, each: BackUnits) -> None:
        row = uow.get(FulfilmentLine, (self.site, each.line))
        if row is None:
            return
        back = min(each.quantity, max(0, row.picked - row.loaded))
        advance(
            uow, self.site, each.line, packed=-back if each.packed else 0, picked=-back, reserved=-back,
            promised=-back, cancelled=back,
        )  # fmt: skip
        count_cancelled(uow, self.site, each.order_line, back)

    def _trim(self, uow: UnitOfWork) -> None:
        trim_picks(uow, self, self.picks)
        for each in self.contents:
            inside = uow.get(ParcelContent, (self.site, each.row))
            if inside is not None:
                uow.delete(inside)
                for new, run in each.kept_as(self):
                    uow.put(replace(inside, id=new, first=run.first, quantity=run.quantity))

    def _take_out(self, uow: UnitOfWork, each: ParcelBack) -> tuple[str, ...]:
        """Give a parcel up, or open it; return the kinds of its paper that may lie about, void."""
        box = uow.get(Parcel, (self.site, each.parcel))
        if box is None or box.loaded_at:
            return ()
        units = max(0, box.units - each.quantity)
        closed = box.state is ParcelState.CLOSED
        out = void_label(uow, self, box) if closed else ()
        if each.empty:
            uow.update(box, units=units, state=ParcelState.VOID, label=LabelState.VOID)
        elif closed:
            uow.update(
                box,
                units=units,
                state=ParcelState.OPEN,
                label=LabelState.VOID,
                sscc="",
                tracking="",
                closed_at=0,
                weight_grams=0,
            )
        else:
            uow.update(box, units=units)
        return out
