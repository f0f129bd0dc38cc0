"""Whoever settles what was told of goods that came in, came back or were carried elsewhere: by what he sees where they are."""

from dataclasses import dataclass, replace
from typing import Any

from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind
from core.catalog.commands import location_id
from core.catalog.model import Container
from core.kernel import codec
from core.kernel.commands import Command
from core.kernel.ids import CaseId, ItemId
from core.kernel.refusal import Refusal
from core.receiving.commands import TakeOutGoods
from core.receiving.model import TakeOut
from core.returns.model import Return
from core.station.case_queries import PAGE, AskCases, AskTakeOut, CaseSeen, ask_second
from core.station.moving_queries import AskCarriedBack
from core.stock.model import StockKey
from core.stock.moving import GOODS, MoveStock
from tests.orders.shop import item
from tests.simulation.dst.clerk import WHERE_BOXES_STAND, Clerk
from tests.simulation.dst.plan import PLACES, SKUS
from tests.support import SITE

_SKU_OF = {item(sku): sku for sku in SKUS}
_PLACE_OF = {location_id(place): place for place in (*PLACES, *WHERE_BOXES_STAND)}
_CLOSED_BY = {
    CaseKind.RETURN_NOT_LEFT: Decision.LEFT_UNSEEN,
    CaseKind.RETURN_UNKNOWN: Decision.WHOSE_IT_IS,
    CaseKind.CONTRADICTED: Decision.LOOKED,
}
_SETTLED = (CaseKind.OVER_RECEIPT, CaseKind.MOVED_TWICE, CaseKind.RETURN_TWICE, *_CLOSED_BY)


@dataclass
class Settler(Clerk):
    """Looks at cases."""

    then: Command | None = None
    """What says that the case is settled whose decision was followed."""

    def _act(self, choice: int) -> str:
        if self.then is not None:
            close, self.then = self.then, None
            return self.say(replace(close, **self.stamp()), lambda: None)
        found = self._cases()
        if not found:
            return "no case waits"
        seen = found[choice % len(found)]
        row = self.machine.row(Case, seen.case)
        assert row is not None
        match seen.kind:
            case CaseKind.OVER_RECEIPT:
                return self._too_much(row, keeps=choice % 2 > 0)
            case CaseKind.MOVED_TWICE:
                return self._moved(row)
            case CaseKind.RETURN_TWICE:
                return self._box(row)
            case kind:
                return self.say(self._close(row.id, _CLOSED_BY[kind]), lambda: None)

    def _cases(self) -> list[CaseSeen]:
        page = self.machine.look(AskCases(SITE))
        found = [
            each for first in range(0, page.total, PAGE) for each in self.machine.look(AskCases(SITE, first)).cases
        ]
        return [each for each in found if each.kind in _SETTLED]

    def _close(self, case: CaseId, decision: Decision) -> CloseCase:
        return CloseCase(**self.stamp(), case=case, decision=decision.value)

    def _followed(self, case: CaseId, decision: Decision, made: Command | Refusal, *places: tuple[str, str]) -> str:
        """Do what follows from a decision, and say then that the case is settled."""
        if isinstance(made, Refusal):
            return f"refused: {made.reason}"
        command = replace(made, **self.stamp())

        def hands() -> None:
            self.then = self._close(case, decision)
            for each in places:
                self.hall.note(*each, command.id)

        return self.say(command, hands)

    # More came than was announced

    def _too_much(self, row: Case, *, keeps: bool) -> str:
        booking = bytes.fromhex(str(codec.parse(row.facts)["booking"]))
        laid = next((each for each in self.yard.laid if each.operation == booking), None)
        said = self.yard.decided.get(bytes(row.id))
        if laid is None:
            return "whoever booked it has not laid it down yet"
        twice = any(each.again for each in self.yard.booked(laid.number, laid.sku))
        usual = Decision.COUNTED_TWICE if twice else Decision.KEPT if keeps else Decision.SENT_BACK
        decision = usual if said is None else Decision(said)
        if decision is Decision.KEPT:
            return self._keep(row, decision)
        why = TakeOut.TWICE if decision is Decision.COUNTED_TWICE else TakeOut.SENT_BACK
        made = self.machine.look(AskTakeOut(SITE, row.id, why))
        if not isinstance(made, TakeOutGoods):
            return self._keep(row, Decision.KEPT)
        units = sum(each.receipt.quantity for each in made.taken)
        sends = said is None and why is TakeOut.SENT_BACK
        if sends and self.hall.at(laid.place, laid.sku) < units:
            return self._keep(row, Decision.KEPT)
        if sends:
            self._in_hand(laid.place, laid.sku, units)
        command = replace(made, **self.stamp())

        def hands() -> None:
            self.hand = None
            self.yard.decided.setdefault(bytes(row.id), decision.value)
            # Whether the same was decided otherwise, or they were counted without them, nobody knows here.
            self._look_again(laid.place, laid.sku, command)

        return self.say(command, hands)

    def _keep(self, row: Case, decision: Decision) -> str:
        return self.say(
            self._close(row.id, decision), lambda: self.yard.decided.__setitem__(bytes(row.id), decision.value)
        )

    # The same was carried elsewhere by two

    def _moved(self, row: Case) -> str:
        facts = codec.parse(row.facts)
        last, first = (_PLACE_OF[location_id_of(facts[name])] for name in ("shelf", "first_to"))
        if GOODS not in facts:
            tote = self.machine.row(Container, row.subject)
            stands = "" if tote is None else self.yard.totes.get(tote.code, "")
            if stands != first:
                return self.say(self._close(row.id, Decision.LIES_LAST), lambda: None)
            return self._followed(row.id, Decision.LIES_FIRST, self.machine.look(AskCarriedBack(SITE, row.id)))
        sku = _SKU_OF[ItemId(codec.from_text(StockKey, str(facts[GOODS])).item)]
        if self.hall.at(last, sku) or not self.hall.at(first, sku):
            found = Decision.LIES_LAST if self.hall.at(last, sku) else Decision.COUNTED
            return self.say(self._close(row.id, found), lambda: None)
        made = self.machine.look(AskCarriedBack(SITE, row.id))
        if isinstance(made, MoveStock):
            self.hall.apart |= {(last, sku), (first, sku)}
        return self._followed(row.id, Decision.LIES_FIRST, made, (last, sku), (first, sku))

    # Two received one box

    def _box(self, row: Case) -> str:
        facts, back = codec.parse(row.facts), self.machine.row(Return, row.subject)
        box = None if back is None else next((each for each in self.yard.back if each.label == back.code[-18:]), None)
        if box is None:
            # It was received by the number of its order: there may be two.
            return self._several(row, back)
        stands = self.yard.stands[box.parcel]
        second = _PLACE_OF[location_id_of(facts["second_place"])]
        if stands != second:
            return self.say(self._close(row.id, Decision.AT_FIRST), lambda: None)
        made = self.machine.look(ask_second(SITE, row.id, Decision.AT_SECOND))
        return self._followed(row.id, Decision.AT_SECOND, made)

    def _several(self, row: Case, back: Return | None) -> str:
        if back is None or self.yard.of_order(back.code) < 2:
            return self.say(self._close(row.id, Decision.AT_FIRST), lambda: None)
        made = self.machine.look(ask_second(SITE, row.id, Decision.TWO_BOXES))
        return self._followed(row.id, Decision.TWO_BOXES, made)


def location_id_of(text: Any) -> Any:
    """Return the id of a place as a case names it."""
    return bytes.fromhex(str(text))


__all__ = ["Settler"]
