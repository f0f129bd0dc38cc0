"""Whoever packs at a bench: all of an order, part of it, or what is left where some of it is not there; or puts it aside."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from core.cases.model import CaseKind
from core.catalog.commands import container_id, location_id
from core.catalog.model import Container
from core.kernel import codec
from core.kernel.flow import Ask, Candidate, CodeKind, Context, Refuse, Scanned
from core.kernel.ids import (
    NO_SESSION,
    FillId,
    FulfilmentId,
    JobId,
    ParcelId,
)
from core.kernel.printing import job_id
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import PrintJob
from core.kernel.tables import rows_of, sql_of
from core.orders.model import StopKind, StopRequest
from core.packing import decide as packing
from core.packing.back_to_pick import AskElsewhere, Elsewhere, back_to_pick
from core.packing.commands import ConfirmLabel, ReopenParcel
from core.packing.model import Parcel, ParcelState
from core.packing.opening import scan_tote
from core.packing.queries import AskPack, AskSingle
from core.packing.states import ScanTote
from core.packing.views import PackView, Single
from core.picking.model import Fill
from tests.orders.shop import TODAY, item
from tests.simulation.dst.goods import Box
from tests.simulation.dst.players import Player
from tests.simulation.dst.singles import due_nowhere
from tests.support import SITE, policies


@dataclass(frozen=True)
class AskLabel:
    """What does a label say that was printed: in its square code, where it has one, and of the street?"""

    job: JobId

    def run(self, connection: sa.Connection) -> tuple[str, str]:
        jobs = sql_of(PrintJob)
        query = sa.select(jobs.c.content).where(jobs.c.site == SITE, jobs.c.id == self.job)
        said = connection.execute(query).scalar_one_or_none()
        label = {"data": "", "to_lines": ()} if said is None else codec.parse(said)
        return str(label["data"]), "".join(label["to_lines"][1:2])


@dataclass(frozen=True)
class AskChanged:
    """Which closed parcels wait here whose order was changed, so that they want another label?"""

    def run(self, connection: sa.Connection) -> tuple[Parcel, ...]:
        boxes, stops = sql_of(Parcel), sql_of(StopRequest)
        query = (
            sa.select(boxes)
            .join(stops, sa.and_(stops.c.site == boxes.c.site, stops.c.fulfilment == boxes.c.fulfilment))
            .where(
                boxes.c.site == SITE, boxes.c.loaded_at == 0, boxes.c.state == ParcelState.CLOSED.value,
                stops.c.kind == StopKind.CHANGE.value, stops.c.text.contains("label"),
            )
            .order_by(boxes.c.id)
        )  # fmt: skip
        return rows_of(Parcel, connection.execute(query))


@dataclass
class Packer(Player):
    """Packs what stands in totes at the benches."""

    bare: list[Box] = field(default_factory=list)
    """Boxes whose label was printed and is to be scanned back."""
    held: list[Box] = field(default_factory=list)
    """Those whose order is on hold: they stand aside until it goes on."""
    opened: list[Box] = field(default_factory=list)
    """Boxes whose label was taken off."""
    packed: dict[bytes, FulfilmentId] = field(default_factory=dict)
    """Of what each box was packed here."""
    short: list[FulfilmentId] = field(default_factory=list)
    """What goes without what is not there, once it is closed."""
    from_where: dict[str, str] = field(default_factory=dict)
    """Where the totes stood that are in hand."""
    again: bool = False
    """Whether others are picked the next time that units are not there."""
    parked: set[str] = field(default_factory=set)
    """Orders that were put aside once: the second time they go without."""

    @property
    def context(self) -> Context:
        return Context(
            site=SITE, station=self.machine.station, bench=location_id("BENCH-1"), actor=self.person, session=NO_SESSION,
            today=TODAY, policies=policies(),
        )  # fmt: skip

    def _act(self, choice: int) -> str:
        if self.bare:
            return self._scan_back(self.bare)
        if self.opened:
            box = self.opened.pop(0)
            said = self._close_again(box, self.packed[box.parcel])
            if box.label == "" and said.partition(" ")[1] and self.unheard is None:
                self.hall.open(box)
            return said
        said = self._changed()
        if said:
            return said
        for part in list(self.short):
            said = self._go_without(part, emptied=True)
            if said:
                self.short.remove(part)
                return said
        totes = self.hall.at_the_benches(self.machine.name)
        if not totes:
            return self._look_for_what_is_due() or (self._scan_back(self.held) if self.held else "nothing to pack")
        tote = totes[choice % len(totes)]
        found = self.machine.look(AskPack(SITE, self.machine.station, CodeKind.TOTE, container_id(tote), tote))
        # Into a tote of singles a slip can only have fallen: its screen asks for a unit.
        if not isinstance(found, PackView) and found.reason is not Reason.SINGLE_UNITS and tote in self.hall.slips:
            found = self._by_slip(tote)
        if isinstance(found, PackView):
            return self._without(found, tote, choice) or self._pack(found, choice, tote)
        unheard = found.reason is Reason.SLIP_NEEDED and self.hall.meant.get(tote) == self.machine.name
        if found.reason is Reason.SINGLE_UNITS or unheard:
            return self._single(tote)
        return f"{tote} refused: {found.reason}"

    def park(self, choice: int) -> str:
        """Put the order aside that lies in a tote; return what was said."""
        totes = self.hall.at_the_benches(self.machine.name)
        if self.unheard is not None or not totes:
            return self.act(choice) if self.unheard is not None else "nothing to put aside"
        tote = totes[choice % len(totes)]
        view = self.machine.look(AskPack(SITE, self.machine.station, CodeKind.TOTE, container_id(tote), tote))
        return self._park(view) if isinstance(view, PackView) else f"{tote} refused: {view.reason}"

    def _park(self, view: PackView) -> str:
        command = packing.park(view, self.stamp(), CaseKind.HOSPITAL, "MISSING")
        carried = [tote for tote in map(self._tote, command.fills) if tote in self.hall.where]
        if {self.hall.where[tote] for tote in carried} - {"benches", self.machine.name}:
            return f"{view.order_number} waits: not all of it is here"

        def hands() -> None:
            self.parked.add(view.order_number)
            for tote in carried:
                self.hall.where[tote] = "hospital"

        return self.say(command, hands)

    def _tote(self, fill: FillId) -> str:
        row = self.machine.row(Fill, fill)
        tote = None if row is None else self.machine.row(Container, row.container)
        return "" if tote is None else tote.code

    def _without(self, view: PackView, tote: str, choice: int) -> str:
        """Do what is done where all totes of an order stand here and fewer lie in them than the screen wants; else nothing."""
        skus = {line.line: line.sku for line in view.lines}
        here = {each for each in (*view.totes, tote) if self.hall.where.get(each) in ("benches", self.machine.name)}
        units = packing.all_units(view)
        if view.coded is not None or view.bulk or not here.issuperset(view.totes) or self._there(units, skus, here):
            return ""
        if choice % 2 and view.order_number not in self.parked:
            return self._park(view)
        lie = {sku: sum(self.hall.totes[each][sku] for each in here) for sku in skus.values()}
        some = []
        for loose in view.loose:
            count = min(loose.quantity, lie[skus[loose.line]])
            lie[skus[loose.line]] -= count
            if count:
                some.append(packing.unit_of(view, loose, loose.first, count))
        return self._close(view, tuple(some), here) if some else self._go_without(view.fulfilment)

    def _look_for_what_is_due(self) -> str:
        """Say that units are not there whose tote stands empty; nothing where none are due."""
        part = due_nowhere(self.machine, self.hall)
        return self._go_without(part) if part is not None else ""

    def _go_without(self, part: FulfilmentId, *, emptied: bool = False) -> str:
        """Say that what is left of an order is not there; nothing where the bench has not heard yet what was picked of it."""
        view = self.machine.look(AskPack(SITE, self.machine.station, CodeKind.BATCH, part))
        if not isinstance(view, PackView):
            return "" if view.reason is Reason.NOT_FULLY_PICKED else f"nothing is missing: {view.reason}"
        if not view.left or (emptied and not self.hall.where.keys().isdisjoint(view.totes)):
            return f"nothing of {view.order_number} is missing"
        if self.again:
            found = self.machine.look(AskElsewhere(SITE, self.machine.station, view, TODAY, "COULD_NOT_LOCATE"))
            if isinstance(found, Elsewhere):
                self.again = False
                others = back_to_pick(view, found, self.stamp(), "COULD_NOT_LOCATE")
                return self.say(others, lambda: self._given_up(view))
        return self.say(packing.ship_short(view, self.stamp(), "COULD_NOT_LOCATE"), lambda: None)

    def _given_up(self, view: PackView) -> None:
        """Count units that fell out of their tote as not picked: others are picked in their place."""
        skus = {line.line: line.sku for line in view.lines}
        for each in view.loose:
            self.hall.picked[view.order_number][skus[each.line]] -= each.quantity

    def _undo(self) -> str:
        mine = [box for box in self.hall.waiting() if self.packed.get(box.parcel)]
        if not mine:
            return "nothing to take back"
        box = mine[-1]

        def hands() -> None:
            box.label = box.code = ""
            self.bare = [each for each in self.bare if each is not box]
            self.opened.append(box)

        return self.say(ReopenParcel(**self.stamp(), parcel=ParcelId(box.parcel), reason="OPERATOR"), hands)

    def _close_again(self, box: Box, part: FulfilmentId) -> str:
        """Close a box that was opened, with whatever more of its order lies here."""
        view = self.machine.look(AskPack(SITE, self.machine.station, CodeKind.BATCH, part))
        if not isinstance(view, PackView):
            return f"{box.order} refused: {view.reason}"
        if view.parcel is None or view.parcel.id != box.parcel:
            return f"{box.order} has another carton open"
        return self._close(view, (), set())

    def _changed(self) -> str:
        """Do what is done about boxes of orders that were changed: another label, once they may go on; nothing where there are none."""
        for box in list(self.hall.opened):
            row = self.machine.row(Parcel, box.parcel)
            if row is not None and row.state is ParcelState.OPEN:
                said = self._close_again(box, row.fulfilment)
                if box.label or self.unheard is not None:
                    return said
        changed = {bytes(row.id): row for row in (self.machine.look(AskChanged()) if self.hall.changed else ())}
        for box in (*self.hall.waiting(), *self.hall.aside()):
            row = changed.get(box.parcel)
            if row is not None and row.sscc == box.label:
                reopen = ReopenParcel(**self.stamp(), parcel=row.id, reason="OPERATOR")
                return self.say(reopen, lambda box=box: self._open(box))  # type: ignore[misc]
        return ""

    def _open(self, box: Box) -> None:
        self.bare = [each for each in self.bare if each is not box]
        self.hall.open(box)

    def _scan_back(self, boxes: list[Box]) -> str:
        """Scan the label on the first of some boxes."""
        box = boxes[0]
        said = self.say(ConfirmLabel(**self.stamp(), parcel=ParcelId(box.parcel)), lambda: None)
        boxes.pop(0)
        if said.endswith(f"refused: {Reason.ORDER_HELD}"):
            self.held.append(box)
        return said

    def _single(self, tote: str) -> str:
        sku = min(+self.hall.totes[tote])
        said = Candidate(kind=CodeKind.ITEM, target=item(sku), code=sku, label=sku)
        found = self.machine.look(AskSingle(SITE, self.machine.station, (said,), sku))
        if not isinstance(found, Single):
            return f"{sku} refused: {found.reason}"
        return self._close(found.view, found.units, {tote})

    def _by_slip(self, tote: str) -> PackView | Refusal:
        """Scan the slip that lies in a tote, and the tote, as the screen asks for it; return what it says."""
        slip, at = self.hall.slips[tote], self.machine.clock.now_ms()
        said = Candidate(kind=CodeKind.TOTE, target=container_id(tote), code=tote, label=tote)
        scanned = Scanned(id=self.stamp()["id"], at=at, raw=tote, candidates=(said,))
        for effect in scan_tote(ScanTote(slip, tote), scanned, self.context).effects:
            match effect:
                case Ask(query=query):
                    return self.machine.look(query)  # type: ignore[no-any-return]
                case Refuse(refusal=refusal):
                    return refusal
                case _:
                    pass
        raise AssertionError("a slip was neither taken nor refused")

    def _pack(self, view: PackView, choice: int, tote: str) -> str:
        """Verify what lies in the order's totes here, unit by unit, and pack it: all, or what one carton shall hold."""
        mine = ("benches", self.machine.name)
        here = {each for each in (*view.totes, tote) if self.hall.where.get(each) in mine}
        units = packing.all_units(view)
        if choice % 7 == 0 and units:
            first = view.loose[0]
            units = (packing.unit_of(view, first, first.first, 1),)
        return self._close(view, units, here)

    def _close(self, view: PackView, units: packing.Verified, totes: set[str]) -> str:
        skus = {line.line: line.sku for line in view.lines}
        if not self._there(units, skus, totes):
            return f"{view.order_number} waits: not all of it is here"
        command = packing.close(view, view.boxes[0], self.stamp(), self.context, units, 0)
        # The units are in the carton before the screen says anything: what was verified here nobody verifies elsewhere.
        self.from_where = {tote: self.hall.where[tote] for tote in totes & self.hall.where.keys()}
        self.hall.where |= dict.fromkeys(self.from_where, self.machine.name)
        self.hall.verified |= self.from_where.keys()

        def hands() -> None:
            self._let_go()
            box = self.hall.box_of(command.parcel, view.order_number)
            for unit in units:
                self._take(totes, skus[unit.line], unit.quantity, box)
            box.code, box.street = self.machine.look(AskLabel(job_id(command, "label")))
            self.hall.label(box, view.sscc)
            self.packed[box.parcel] = view.fulfilment
            if sum(unit.quantity for unit in units) < view.left and totes.isdisjoint(self.hall.where):
                self.short.append(view.fulfilment)
            self.bare.append(box)

        return self.say(command, hands)

    def put_down(self) -> None:
        """Let the totes stand where they stood."""
        self.hall.where |= {tote: at for tote, at in self.from_where.items() if tote in self.hall.where}
        self._let_go()

    def _let_go(self) -> None:
        self.hall.verified -= self.from_where.keys()
        self.from_where = {}

    def _there(self, units: packing.Verified, skus: dict[bytes, str], totes: set[str]) -> bool:
        wanted: dict[str, int] = {}
        for unit in units:
            wanted[skus[unit.line]] = wanted.get(skus[unit.line], 0) + unit.quantity
        return all(sum(self.hall.totes[tote][sku] for tote in totes) >= units for sku, units in wanted.items())

    def _take(self, totes: set[str], sku: str, units: int, box: Box) -> None:
        for tote in sorted(totes):
            here = min(units, self.hall.totes[tote][sku]) if tote in self.hall.totes else 0
            if here:
                self.hall.pack(tote, sku, here, box, self.machine.name)
            units -= here


__all__ = ["Packer"]
