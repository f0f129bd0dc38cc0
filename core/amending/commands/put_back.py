"""Goods of a stopped fulfilment, or what is over of one, leave its totes and parcels: they lie at a place again, or are not there.

`office.py` of this area has the office's decisions; these are the floor's facts that follow from one. Whoever says that they are
not there has looked for them: they leave the books where the work had them for *unexplained*, as units that are missing at a
bench do, and the places they were picked from are to be counted, since somebody may have laid them back and told nobody.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.amending.commands.put_again import ask_for_counts, let_go_if_empty, lies_in, take_out
from core.amending.cuts import count_cancelled
from core.cases.commands import open_case
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.model import Location
from core.catalog.places import unexplained
from core.kernel import codec
from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.ids import (
    CaseId,
    CountId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    LocationId,
    OrderId,
    OrderLineId,
    ParcelId,
    SiteId,
    derive,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import CancelState, Fulfilment, FulfilmentLine, OrderCancel, OrderLine, StopKind, StopRequest
from core.orders.progress import advance, wanted
from core.packing.commands import void_label
from core.packing.model import EarlyLoad, LabelState, Parcel, ParcelContent, ParcelState
from core.picking.model import Fill, FillState, Pick
from core.picking.trimming import Trimmed, trim_picks
from core.stock.ledger import Movement, balance_key, balance_keys, on_hand, post
from core.stock.model import NO_LPN, NO_SERIAL, Balance, Cause, CountRequest, CountState, StockKey

PUT_BACK = "put_back"
"""The decision that closes a case by it."""
_LAID = "laid"
"""What such a case says of where the units were laid down."""


def missing_key(site: SiteId, key: StockKey) -> StockKey:
    """Return where the books have units of a stock key that are not where they had them."""
    return replace(key, location=unexplained(site), lpn=NO_LPN)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _OutOfWork(Command):
    """Units of a fulfilment are in its totes and parcels no more: of a stopped one they are cancelled."""

    order: OrderId
    fulfilment: FulfilmentId
    units: tuple[BackUnits, ...]
    picks: tuple[Trimmed, ...]
    contents: tuple[Trimmed, ...]
    parcels: tuple[ParcelBack, ...]
    empties: tuple[FillId, ...]
    """Tote fillings that are empty with it."""
    cases: tuple[CaseId, ...]
    """The cases that asked for it."""
    surplus: int = 0
    """1 where the order goes on: two carts picked the same units, and these are over."""

    def _move(self, each: BackUnits, source: StockKey) -> Movement:
        raise NotImplementedError

    def _source(self, read: Read, each: BackUnits) -> StockKey:
        """Return where units are by the books: their tote or parcel may have been carried elsewhere since it was decided."""
        place = each.source.location
        if each.packed:
            box = read.get(Parcel, (self.site, ParcelId(each.source.lpn)))
            place = place if box is None else box.place
        else:
            tote = read.get(Fill, (self.site, FillId(each.source.lpn)))
            place = place if tote is None else tote.location
        return replace(each.source, location=place)

    def reads(self) -> Reads:
        """Return lines, balances, picks, contents, parcels, totes, cases, the stop and the cancel."""
        return {
            StopRequest: [(self.site, self.fulfilment)],
            OrderCancel: [(self.site, self.order)],
            Fulfilment: [(self.site, self.fulfilment)],
            FulfilmentLine: [(self.site, each.line) for each in self.units],
            OrderLine: [(self.site, each.order_line) for each in self.units],
            Balance: balance_keys(self.site, [self._move(each, each.source) for each in self.units]),
            Location: [(self.site, each.source.location) for each in self.units],
            Pick: [(self.site, each.row) for each in self.picks],
            ParcelContent: [(self.site, each.row) for each in self.contents],
            Parcel: [(self.site, each.parcel) for each in self.parcels],
            Fill: [(self.site, FillId(each.source.lpn)) for each in self.units if not each.packed],
            Case: [(self.site, each) for each in self.cases],
        }

    def finds(self) -> Finds:
        """Return what left by its label alone."""
        return {(EarlyLoad, "fulfilment"): [(self.site, self.fulfilment)]}

    def _elsewhere(self, read: Read) -> Refusal | None:
        """Return why units cannot leave: the order needs them, or they are not where the books had them."""
        if self._needed(read):
            return Refusal(Reason.CHANGED_MEANWHILE)
        for each in self.parcels:
            box = read.get(Parcel, (self.site, each.parcel))
            if box is None or box.state is ParcelState.VOID:
                return Refusal(Reason.CHANGED_MEANWHILE)
            if box.loaded_at:
                return Refusal(Reason.ALREADY_LOADED, {"label": box.sscc})
        return self._check_units(read)

    def _needed(self, read: Read) -> bool:
        """Return whether the work goes on, and these units with it."""
        if not self.surplus:
            return read.get(StopRequest, (self.site, self.fulfilment)) is None
        lines = (read.get(FulfilmentLine, (self.site, line)) for line in {each.line for each in self.units})
        return any(row is not None and row.packed < wanted(row) for row in lines)

    def _check_units(self, read: Read) -> Refusal | None:
        if any(read.get(Pick, (self.site, each.row)) is None for each in self.picks) or any(
            read.get(ParcelContent, (self.site, each.row)) is None for each in self.contents
        ):
            return Refusal(Reason.CHANGED_MEANWHILE)
        asked: dict[StockKey, int] = {}
        for each in self.units:
            if each.quantity <= 0:
                return Refusal(Reason.NOT_A_QUANTITY, {"quantity": each.quantity})
            source = self._source(read, each)
            asked[source] = asked.get(source, 0) + each.quantity
        for key, quantity in asked.items():
            have = on_hand(read, self.site, key)
            if have < quantity:
                return Refusal(Reason.NOT_IN_STOCK_HERE, {"wanted": quantity, "got": have})
        return None

    def _missed(self, read: Read) -> list[BackUnits]:
        """Return the units of which somebody has said that they are not there."""
        rows = (read.get(Case, (self.site, each)) for each in self.cases)
        about = {row.subject for row in rows if row is not None and row.decision == Decision.NOT_THERE}
        return [each for each in self.units if not about.isdisjoint((self.fulfilment, each.line))]

    def _again(self, read: Read) -> Counter[FulfilmentLineId]:
        """Return how many units of each line somebody else has put back for the same cases."""
        rows = [row for each in self.cases if (row := read.get(Case, (self.site, each))) is not None]
        done = [row for row in rows if row.decision == PUT_BACK]
        again: Counter[FulfilmentLineId] = Counter()
        if any(row.subject == self.fulfilment for row in done):
            for each in self.units:
                again[each.line] += each.quantity
            for line in again if self.surplus else ():
                count = read.get(FulfilmentLine, (self.site, line))
                again[line] -= 0 if count is None else max(0, count.picked - max(0, wanted(count)))
        else:
            for case in done:
                again[FulfilmentLineId(case.subject)] += int(codec.parse(case.facts).get("quantity", 0))
        return +again

    def _leave(self, uow: UnitOfWork, decision: str) -> None:
        """Move the goods, count the units cancelled, close parcels, totes and cases; what is missing already only moves."""
        missed = self._missed(uow)
        found = [self._move(each, missing_key(self.site, each.source)) for each in missed]
        rest = [each for each in self.units if each not in missed]
        post(uow, self, [*found, *(self._move(each, self._source(uow, each)) for each in rest)])
        for each in rest:
            self._count(uow, each, surplus=bool(self.surplus))
        self._trim(uow)
        paper = [kind for parcel in self.parcels for kind in self._take_out(uow, parcel)]
        for fill in self.empties:
            tote = uow.get(Fill, (self.site, fill))
            if tote is not None and tote.state is FillState.PICKED:
                uow.update(tote, state=FillState.EMPTIED)
        self._settle(uow, decision, paper)

    def _settle(self, uow: UnitOfWork, decision: str, paper: Iterable[str]) -> None:
        """Close the cases that nobody else has closed, and tell what was done."""
        asking = [case for each in self.cases if (case := uow.get(Case, (self.site, each))) is not None]
        asking = [case for case in asking if case.state is CaseState.OPEN]
        for case in asking:
            uow.update(
                case, state=CaseState.CLOSED, decided_by=self.actor, decision=decision, closed_at=self.at,
                facts=codec.canonical({**codec.parse(case.facts), **self._said()}),
            )  # fmt: skip
        if asking:
            self._ask_for_the_rest(uow)
        uow.tell(units=sum(each.quantity for each in self.units))
        if paper:
            uow.tell(paper=",".join(dict.fromkeys(paper)))

    def _ask_for_the_rest(self, uow: UnitOfWork) -> None:
        """Have carried back what its station had not heard of: while the cancel is not final, that asks for it by itself."""
        head = uow.get(Fulfilment, (self.site, self.fulfilment))
        cancel = uow.get(OrderCancel, (self.site, self.order))
        if head is None or cancel is None or cancel.state is not CancelState.FINAL:
            return
        early = uow.find(EarlyLoad, "fulfilment", [(self.site, self.fulfilment)]).values()
        left = head.picked - head.loaded - sum(each.quantity for each in early)
        if left > 0:
            facts: dict[str, str | int] = {"quantity": left}
            open_case(uow, self, CaseKind.PUT_BACK, order=self.order, subject=self.fulfilment, facts=facts)

    def _said(self) -> dict[str, str | int]:
        """Return what the cases say of it beside the decision."""
        return {}

    def _count(self, uow: UnitOfWork, each: BackUnits, *, surplus: bool) -> None:
        row = uow.get(FulfilmentLine, (self.site, each.line))
        if row is None:
            return
        want = max(0, wanted(row))
        # What was packed by a slip was picked, also where whoever picked it burnt before that was heard of.
        here = max(row.picked, row.packed)
        back = min(each.quantity, max(0, here - (want if surplus else row.loaded)))
        # Those that were picked beyond what is wanted were cancelled before anybody had heard of the pick.
        beyond = max(0, min(here, row.quantity - row.short) - want)
        now = 0 if surplus else min(want, back - min(back, beyond))
        advance(
            uow, self.site, each.line, packed=-back if each.packed else 0, picked=-back, reserved=-now,
            promised=-now, cancelled=now,
        )  # fmt: skip
        count_cancelled(uow, self.site, each.order_line, now)

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
        if box is None or box.loaded_at or box.state is ParcelState.VOID:
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


@command("amending.put_back", OpClass.FACT, permission="stock.move")
class PutBack(_OutOfWork):
    """Goods of a stopped fulfilment lie at a place again; the units are cancelled."""

    target: LocationId

    def _move(self, each: BackUnits, source: StockKey) -> Movement:
        cause = Cause.UNPACK if each.packed else Cause.UNPICK
        return Movement(source, replace(each.source, location=self.target, lpn=NO_LPN), each.quantity, cause)

    def reads(self) -> Reads:
        """Return what they leave, the place, and what is missing in the house: they may have been said not to be there."""
        reads = _OutOfWork.reads(self)
        missing = [balance_key(self.site, missing_key(self.site, each.source)) for each in self.units]
        return {
            **reads,
            Location: [*reads[Location], (self.site, self.target)],
            Balance: [*reads[Balance], *missing],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse work that is not stopped, a place that is not, and goods that are not there."""
        place = read.get(Location, (self.site, self.target))
        if place is None:
            return Refusal(Reason.NOT_FOUND)
        if place.blocked:
            return Refusal(Reason.LOCATION_BLOCKED, {"location": place.code})
        return Refusal(Reason.PUT_BACK_ALREADY) if self._again(read) else self._elsewhere(read)

    def apply(self, uow: UnitOfWork) -> None:
        """Take the units out of the work; those of which somebody said that they are not there are found after all."""
        again = self._again(uow)
        if again:
            self._leave_what_is_left(uow, again)
        else:
            self._leave(uow, PUT_BACK)

    def _said(self) -> dict[str, str | int]:
        return {_LAID: self.target.hex()}

    def _leave_what_is_left(self, uow: UnitOfWork, again: Counter[FulfilmentLineId]) -> None:
        """Take out of the work what the other one left there of so many units of each line, and all of the others."""
        missed = self._missed(uow)
        entry = post(uow, self, [self._move(each, missing_key(self.site, each.source)) for each in missed])
        out: Counter[bytes] = Counter()
        doubtful = False
        for each in self.units:
            row = uow.get(FulfilmentLine, (self.site, each.line))
            if each in missed or row is None:
                continue
            source, packed = self._source(uow, each), bool(each.packed)
            here = lies_in(uow, self.site, row, source, packed=packed)
            twice = min(each.quantity, again[each.line])
            again[each.line] -= twice
            once = each.quantity - twice
            more = min(twice, max(0, len(here) - once))
            doubtful |= more < twice
            entry = post(uow, self, [self._move(replace(each, quantity=once + more), source)], start=entry)
            take_out(uow, self, row.id, source, here[max(0, len(here) - once - more) :], packed=packed)
            self._count(uow, replace(each, quantity=once), surplus=bool(self.surplus))
            self._count_more(uow, replace(each, quantity=more))
            out[each.source.lpn] += once + more
        for fill in {FillId(each.source.lpn): None for each in self.units if not each.packed}:
            let_go_if_empty(uow, self.site, fill)
        boxes = [(each.parcel, uow.get(Parcel, (self.site, each.parcel))) for each in self.parcels if out[each.parcel]]
        taken = [ParcelBack(id_, out[id_], int(box is None or out[id_] >= box.units)) for id_, box in boxes]
        if doubtful:
            ask_for_counts(uow, self, self.order, self._doubtful(uow))
        self._settle(uow, PUT_BACK, [kind for each in taken for kind in self._take_out(uow, each)])

    def _count_more(self, uow: UnitOfWork, each: BackUnits) -> None:
        """Count units that nobody had asked back: of an order that is cancelled they are, else they are picked anew."""
        stop = uow.get(StopRequest, (self.site, self.fulfilment))
        if stop is not None and stop.kind is StopKind.CANCEL:
            self._count(uow, each, surplus=False)
        else:
            packed = each.quantity if each.packed else 0
            advance(uow, self.site, each.line, packed=-packed, picked=-each.quantity, reserved=-each.quantity)

    def _doubtful(self, read: Read) -> list[StockKey]:
        """Return the places at which two said that the units lie."""
        rows = [row for each in self.cases if (row := read.get(Case, (self.site, each))) is not None]
        said = [bytes.fromhex(str(codec.parse(row.facts).get(_LAID, ""))) for row in rows if row.decision == PUT_BACK]
        places = dict.fromkeys((*(LocationId(each) for each in said if each), self.target))
        goods = {replace(each.source, lpn=NO_LPN, serial=NO_SERIAL): None for each in self.units}
        return list({replace(key, location=place): None for place in places for key in goods})


@command("amending.not_there", OpClass.FACT, permission="stock.move")
class NotThere(_OutOfWork):
    """Goods of a stopped fulfilment are neither in its totes nor in its parcels: somebody looked; the units are cancelled."""

    reason: str
    counts: tuple[StockKey, ...]
    """Where they were picked from, as far as no count is asked for there."""

    def _move(self, each: BackUnits, source: StockKey) -> Movement:
        return Movement(source, missing_key(self.site, each.source), each.quantity, Cause.SHORT)

    def check(self, read: Read) -> Refusal | None:
        """Refuse work that is not stopped, and goods that went on meanwhile, unless somebody said the same unheard of us."""
        said = len(self._missed(read)) == len(self.units)
        return None if said else self._elsewhere(read)

    def apply(self, uow: UnitOfWork) -> None:
        """Book the units to *unexplained*, and ask for counts; where they went on meanwhile, they were there."""
        if self._elsewhere(uow) is not None:
            return
        self._leave(uow, Decision.NOT_THERE.value)
        for n, key in enumerate(self.counts):
            uow.insert(
                CountRequest(
                    self.site, CountId(derive(self.id, "count", n)), key.owner, key.item, key.lot, key.lpn, key.location,
                    self.reason, self.at, CountState.OPEN, 0,
                )
            )  # fmt: skip
            facts: dict[str, str | int] = {"item": key.item.hex(), "reason": self.reason}
            open_case(uow, self, CaseKind.STOCK_UNEXPLAINED, order=self.order, subject=key.location, facts=facts, n=n)
