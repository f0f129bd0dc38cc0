"""Units that are not in the tote: the order goes without them, or waits in the hospital until somebody decides."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.catalog.model import Location
from core.catalog.places import unexplained
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import FillId, FulfilmentId, FulfilmentLineId, LocationId, OrderId, ParcelId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine
from core.orders.progress import advance, wanted
from core.packing.commands.units import Unit, carry_parcel
from core.packing.model import Parcel, ParcelContent
from core.picking.model import Fill, FillState
from core.stock.ledger import Movement, balance_keys, carried, on_hand, post
from core.stock.model import Balance, Cause, StockKey


def missing_moves(site: SiteId, missing: Iterable[Unit]) -> list[Movement]:
    """Return how missing units are booked: out of the tote, to *unexplained*."""
    return [
        Movement(
            u.source,
            StockKey(owner=u.owner, item=u.item, location=unexplained(site), lot=u.lot, serial=u.serial),
            u.quantity,
            Cause.SHORT,
        )
        for u in missing
    ]


def check_missing(read: Read, site: SiteId, missing: Iterable[Unit]) -> Refusal | None:
    """Return why units cannot be missing: they are none at all, or packed already."""
    by_line: Counter[FulfilmentLineId] = Counter()
    for unit in missing:
        by_line[unit.line] += unit.quantity
    if not by_line:
        return Refusal(Reason.NOT_A_QUANTITY, {"quantity": 0})
    for each, quantity in by_line.items():
        line = read.get(FulfilmentLine, (site, each))
        if line is None or line.picked - line.packed < quantity:
            return Refusal(Reason.CHANGED_MEANWHILE)
    return None


def still_inside(read: Read, site: SiteId, missing: Iterable[Unit]) -> tuple[Unit, ...]:
    """Return those of missing units that are picked and in no parcel as far as is known here, at the place of their tote.

    Two benches may have missed the same ones unheard of each other, or one has packed what the other missed.
    """
    left: dict[FulfilmentLineId, int] = {}
    found: list[Unit] = []
    for unit in missing:
        if unit.line not in left:
            line = read.get(FulfilmentLine, (site, unit.line))
            left[unit.line] = 0 if line is None else line.picked - line.packed
        quantity = min(unit.quantity, left[unit.line])
        if quantity > 0:
            left[unit.line] -= quantity
            tote = read.get(Fill, (site, unit.fill))
            found.append(replace(unit, quantity=quantity, place=unit.place if tote is None else tote.location))
    return tuple(found)


def empty_totes(uow: UnitOfWork, site: SiteId, fills: Iterable[FillId]) -> None:
    """Let totes go in which nothing is left."""
    for fill in fills:
        tote = uow.get(Fill, (site, fill))
        if tote is not None and tote.state is FillState.PICKED:
            uow.update(tote, state=FillState.EMPTIED)


@command("packing.ship_short", OpClass.FACT, permission="pack.work")
class ShipShort(Command):
    """Units are missing at the bench; the order goes without them."""

    fulfilment: FulfilmentId
    missing: tuple[Unit, ...]
    order: OrderId
    reason: str
    empties: tuple[FillId, ...] = ()
    """Tote fillings that hold nothing else."""

    def reads(self) -> Reads:
        """Return lines, balances and totes."""
        return {
            Fill: [(self.site, each) for each in dict.fromkeys((*self.empties, *(u.fill for u in self.missing)))],
            FulfilmentLine: [(self.site, u.line) for u in self.missing],
            Fulfilment: [(self.site, self.fulfilment)],
            Balance: balance_keys(self.site, missing_moves(self.site, self.missing)),
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse nothing at all, and units that are packed already."""
        return check_missing(read, self.site, self.missing)

    def apply(self, uow: UnitOfWork) -> None:
        """Book the units to *unexplained*, count the lines short, free empty totes, open a case."""
        missing = still_inside(uow, self.site, self.missing)
        post(uow, self, missing_moves(self.site, missing))
        for unit in missing:
            short = _goes_without(uow, self.site, unit)
            advance(uow, self.site, unit.line, short=short, picked=-unit.quantity, reserved=-short, promised=-short)
        empty_totes(uow, self.site, self.empties)
        if missing:
            open_case(
                uow, self, CaseKind.MISSING_AT_BENCH, order=self.order, subject=self.fulfilment,
                facts={"quantity": sum(unit.quantity for unit in missing), "reason": self.reason},
            )  # fmt: skip


def _goes_without(read: Read, site: SiteId, unit: Unit) -> int:
    """Return how many of missing units the order lacks: two carts may have picked the same for it, and the others are there."""
    line = read.get(FulfilmentLine, (site, unit.line))
    return 0 if line is None else min(unit.quantity, max(0, wanted(line) - (line.picked - unit.quantity)))


PARKED = (CaseKind.HOSPITAL, CaseKind.OVERRIDE_NEEDED)
"""Cases that keep an order away from the benches while they are open."""


@command("packing.park", OpClass.FACT, permission="pack.work")
class ParkOrder(Command):
    """An order waits until somebody decides: its totes and its open carton are carried to the hospital.

    They stand there, in the books too, until the case is decided and a bench takes them up again.
    """

    order: OrderId
    fulfilment: FulfilmentId
    kind: CaseKind
    reason: str
    place: LocationId
    """Where they are carried; NO_ID where nothing is: the tote is others' too, or the site has no such place."""
    fills: tuple[FillId, ...]
    """The totes that hold nothing else."""
    units: tuple[Unit, ...]
    """What lies in them."""
    parcel: ParcelId
    """The open carton; NO_ID for none."""
    contents: tuple[bytes, ...]
    """Ids of the rows that say what is in it."""

    def _moves(self) -> list[Movement]:
        return [Movement(u.source, replace(u.source, location=self.place), u.quantity, Cause.MOVE) for u in self.units]

    def reads(self) -> Reads:
        """Return the fulfilment, and whatever is carried."""
        return {
            Fulfilment: [(self.site, self.fulfilment)],
            Location: [(self.site, self.place)],
            Fill: [(self.site, each) for each in self.fills],
            Balance: balance_keys(self.site, self._moves()),
            Parcel: [(self.site, self.parcel)],
            ParcelContent: [(self.site, each) for each in self.contents],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse an order that is gone, and goods that went on meanwhile."""
        if read.get(Fulfilment, (self.site, self.fulfilment)) is None:
            return Refusal(Reason.WORK_GONE)
        if any(on_hand(read, self.site, unit.source) < unit.quantity for unit in self.units):
            return Refusal(Reason.CHANGED_MEANWHILE)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Open the case that keeps it there, and carry the goods."""
        place = uow.get(Location, (self.site, self.place))
        facts: dict[str, str | int] = {"reason": self.reason, "place": "" if place is None else place.code}
        open_case(uow, self, self.kind, order=self.order, subject=self.fulfilment, facts=facts)
        n = post(uow, self, carried(uow, self.site, self._moves()))
        for fill in self.fills:
            tote = uow.get(Fill, (self.site, fill))
            if tote is not None:
                uow.update(tote, location=self.place)
        if place is not None:
            carry_parcel(uow, self, self.parcel, self.contents, self.place, start=n)
