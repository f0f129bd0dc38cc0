"""Whoever looks at what waits for a person: units that are to be put back, orders in the hospital, places to be counted.

At any station, with its own books: somebody goes where the case says, looks there, and says what the screen offers. What lies
in the hall is there once, so that of two who mind one case apart the second finds nothing in his hands.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.amending.commands import NotThere, PutBack
from core.amending.queries import amend_view
from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import CaseKind
from core.catalog.commands import location_id
from core.catalog.model import Container
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.ids import CaseId, CountId, FillId, ItemId, OrderId
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.packing.model import ParcelState
from core.picking.model import Fill
from core.station.back_queries import AskBack, AskNotThere
from core.station.case_queries import PAGE, AskCases, CaseSeen
from core.stock.counting import CountStock, plan_count
from core.stock.model import CountRequest, CountState, StockKey
from tests.orders.shop import OWNER, item
from tests.simulation.dst.goods import Box
from tests.simulation.dst.plan import PLACES, SKUS
from tests.simulation.dst.players import Player
from tests.support import SITE

if TYPE_CHECKING:
    from tests.simulation.dst.site import Site

_PLACES = (CaseKind.SHORT_PICK, CaseKind.STOCK_UNEXPLAINED, CaseKind.RECOUNT)
_MINDED = (*_PLACES, CaseKind.PUT_BACK, CaseKind.HOSPITAL)
_SKU_OF = {item(sku): sku for sku in SKUS}
_PLACE_OF = {location_id(place): place for place in PLACES}


@dataclass(frozen=True)
class AskCount:
    """What would a count say here?"""

    key: StockKey
    counted: int
    request: CountId | None
    stamp: Stamp

    def run(self, connection: sa.Connection) -> CountStock:
        return plan_count(connection, SITE, self.key, self.counted, self.stamp, self.request)


@dataclass(frozen=True)
class AskAsked:
    """Which counts are asked for?"""

    def run(self, connection: sa.Connection) -> tuple[CountRequest, ...]:
        counts = sql_of(CountRequest)
        query = sa.select(counts).where(counts.c.site == SITE, counts.c.state == CountState.OPEN.value)
        return rows_of(CountRequest, connection.execute(query.order_by(counts.c.opened_at, counts.c.id)))


@dataclass(frozen=True)
class AskWhere:
    """Which fillings of totes had units of an order, and which cartons have some: whether each of these left?"""

    order: OrderId

    def run(self, connection: sa.Connection) -> tuple[frozenset[FillId], dict[bytes, bool]]:
        view = amend_view(connection, SITE, self.order)
        if view is None:
            return frozenset(), {}
        boxes = {bytes(box.id): box.loaded_at > 0 for box in view.parcels if box.state is not ParcelState.VOID}
        return frozenset(pick.fill for pick in view.picks), boxes


@dataclass
class Lead(Player):
    """Settles cases and counts."""

    site: "Site | None" = None

    def _act(self, choice: int) -> str:
        found = self._cases()
        if not found:
            return "no case waits"
        seen = found[choice % len(found)]
        match seen.kind:
            case CaseKind.PUT_BACK:
                return self._put_back(seen, PLACES[choice % len(PLACES)])
            case CaseKind.HOSPITAL:
                stopped = any(each.kind is CaseKind.PUT_BACK and each.order == seen.order for each in found)
                return self._hospital(seen, stopped=stopped, finds=choice % 2 > 0)
            case _:
                return self._look_at_a_place(seen)

    def _cases(self) -> list[CaseSeen]:
        """Turn the pages of the list; return what is minded of it."""
        found: list[CaseSeen] = []
        page = self.machine.look(AskCases(SITE))
        for first in range(0, page.total, PAGE):
            found += self.machine.look(AskCases(SITE, first)).cases
        return [each for each in found if each.kind in _MINDED]

    def _close(self, case: CaseId, decision: Decision) -> CloseCase:
        return CloseCase(**self.stamp(), case=case, decision=decision.value)

    # Units that are to be put back

    def _put_back(self, seen: CaseSeen, place: str) -> str:
        made = self.machine.look(AskBack(SITE, seen.case, seen.order, seen.fulfilment, location_id(place)))
        if isinstance(made, Refusal):
            return self._not_there(seen)
        found = [(holder, sku, min(there, wanted)) for holder, sku, there, wanted in self._holders(made)]
        units, wanted = sum(each[2] for each in found), sum(each.quantity for each in made.units)
        if units < wanted and self._lies_elsewhere(seen):
            return f"{seen.number} lies elsewhere"
        if not units:
            return self._not_there(seen)
        command: PutBack = replace(made, **self.stamp())

        def hands() -> None:
            for holder, sku, here in found:
                self._lay_down(seen.number, holder, sku, here, place, command)
            if units < wanted:
                # The screen knows all or nothing: whoever has fewer in hand counts the place afterwards.
                self.hall.doubtful |= {(place, sku) for _, sku, _ in found}

        return self.say(command, hands)

    def _lies_elsewhere(self, seen: CaseSeen) -> bool:
        """Return whether units of an order are seen in a tote or box that the station knows nothing of, or has elsewhere."""
        fills, left = self.machine.look(AskWhere(seen.order))
        totes = {self._tote(fill) for fill in fills}
        elsewhere = [tote for tote, place in self.hall.where.items() if place != "astray" and tote not in totes]
        return any(self.hall.inside[tote][seen.number] > 0 for tote in elsewhere) or any(
            left.get(bytes(box.parcel)) is not (box.place in ("van", "away"))
            for box in self.hall.boxes
            if box.order == seen.number and +box.units
        )

    def _holders(self, made: PutBack | NotThere) -> list[tuple[str | Box | None, str, int, int]]:
        """Return where units are to be taken out of, what they are, how many lie there, and how many are wanted."""
        boxes = {bytes(box.parcel): box for box in self.hall.boxes if box.place in ("bench", "aside")}
        found: list[tuple[str | Box | None, str, int, int]] = []
        for each in made.units:
            sku = _SKU_OF[ItemId(each.source.item)]
            box = boxes.get(bytes(each.source.lpn))
            tote = "" if each.packed else self._tote(each.source.lpn)
            if box is not None:
                found.append((box, sku, box.units[sku], each.quantity))
            elif self.hall.where.get(tote, "astray") != "astray":
                found.append((tote, sku, self.hall.totes[tote][sku], each.quantity))
            else:
                found.append((None, sku, 0, each.quantity))
        return found

    def _tote(self, fill: bytes) -> str:
        row = self.machine.row(Fill, fill)
        tote = None if row is None else self.machine.row(Container, row.container)
        return "" if tote is None else tote.code

    def _lay_down(self, order: str, holder: str | Box | None, sku: str, units: int, place: str, by: Command) -> None:
        # Whoever heard late that it was written may find that somebody else was there meanwhile.
        there = holder.units if isinstance(holder, Box) else self.hall.totes.get(holder or "", self.hall.counted({}))
        if there[sku] < units:
            units = there[sku]
            self.hall.doubtful.add((place, sku))
        if not units or holder is None:
            return
        if isinstance(holder, Box):
            self.hall.take_back(holder, sku, units)
            picked = self.hall.picked.get(order, self.hall.counted({}))
            # A single may have been picked for another order.
            picked[sku] = max(0, picked[sku] - units)
            self.hall.deliver(place, sku, units)
        else:
            self.hall.put_back(place, sku, units, holder, self.hall.counted({order: units}))
        self.hall.note(place, sku, by.id)

    def _not_there(self, seen: CaseSeen) -> str:
        made = self.machine.look(AskNotThere(SITE, seen.case, seen.order, seen.fulfilment))
        if isinstance(made, Refusal):
            return f"{seen.number} refused: {made.reason}"
        here = isinstance(made, NotThere) and any(there for _, _, there, _ in self._holders(made))
        if isinstance(made, NotThere) and (here or self._lies_elsewhere(seen) or self._is_looked_for(seen, made)):
            return f"{seen.number} lies elsewhere"
        return self.say(replace(made, **self.stamp()), lambda: self.hall.missed.add(seen.number))

    def _is_looked_for(self, seen: CaseSeen, made: NotThere) -> bool:
        """Return whether a tote that nobody finds holds more of an order than what is not wanted of it: it turns up, since the rest is wanted."""
        asked = sum(each.quantity for each in made.units)
        astray = (tote for tote, place in self.hall.where.items() if place == "astray")
        return any(self.hall.inside[tote][seen.number] > asked for tote in astray)

    # The hospital

    def _hospital(self, seen: CaseSeen, *, stopped: bool, finds: bool) -> str:
        """Carry an order back to the benches; with what was missing, where it is found."""
        here = [tote for tote, place in self.hall.where.items() if place == "hospital"]
        mine = [tote for tote in here if self.hall.inside[tote][seen.number] > 0]
        for tote in mine if finds else ():
            self.hall.find(seen.number, tote)

        def hands() -> None:
            for tote in mine if not stopped else ():
                if self.hall.where.get(tote) == "hospital":
                    self.hall.where[tote] = "benches"

        return self.say(self._close(seen.case, Decision.CANCELLED if stopped else Decision.AT_BENCH), hands)

    # Places that are to be counted

    def _look_at_a_place(self, seen: CaseSeen) -> str:
        asked = [each for each in self.machine.look(AskAsked()) if _PLACE_OF.get(each.location) == seen.place]
        return self.answer(asked[0]) if asked else self.say(self._close(seen.case, Decision.COUNTED), lambda: None)

    def answer(self, asked: CountRequest) -> str:
        """Count where a count is asked for."""
        return self._count(_PLACE_OF[asked.location], _SKU_OF[asked.item], asked.id)

    def asked(self) -> list[CountRequest]:
        """Return the counts that are asked for at shelves."""
        return [each for each in self.machine.look(AskAsked()) if each.location in _PLACE_OF]

    def count(self, place: str, sku: str) -> str:
        """Count what lies at a shelf, unasked."""
        return self.act(0) if self.unheard is not None else self._count(place, sku, None)

    def _count(self, place: str, sku: str, request: CountId | None) -> str:
        """Count what lies there now, and say it when the station takes it."""
        key = StockKey(owner=OWNER, item=item(sku), location=location_id(place))
        there, gone = self.hall.at(place, sku), self.hall.stolen[place, sku]
        assert self.site is not None
        sure = self.site.all_heard(self.machine, self.hall.moved.get((place, sku), []))
        command = self.machine.look(AskCount(key, there, request, self.stamp()))

        def hands() -> None:
            self.hall.note(place, sku, command.id)
            self.hall.counted_at(place, sku, gone, sure=sure)

        return self.say(command, hands)


__all__ = ["Lead"]
