"""A delivery is announced, its lines are booked as they are unpacked, units are taken out again, and it is finished."""

from dataclasses import replace
from typing import NamedTuple

from core.cases.commands import open_case
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.places import world
from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.ids import (
    NO_ID,
    CaseId,
    CommandId,
    DeliveryId,
    DeliveryLineId,
    ItemId,
    OwnerId,
    PersonId,
    SiteId,
    derive,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import Key
from core.kernel.uow import UnitOfWork
from core.receiving.model import Delivery, DeliveryBooking, DeliveryLine, TakeOut
from core.rules.amounts import MEASURES
from core.rules.model import Amount, Measure, Scope
from core.stock.commands import Receipt, ReceiveStock
from core.stock.ledger import Movement, balance_keys, post
from core.stock.model import NO_LPN, Balance, Cause
from core.stock.reserving import free

_NOBODY = PersonId(NO_ID)


def delivery_id(owner: OwnerId, number: str) -> DeliveryId:
    """Return the id of an owner's delivery by its number: a file that two stations read in makes the same rows."""
    return DeliveryId(derive(owner, f"delivery {number}"))


def delivery_line_id(delivery: DeliveryId, item: ItemId) -> DeliveryLineId:
    """Return the id of a delivery's line; an item stands on one line of it."""
    return DeliveryLineId(derive(delivery, f"line {item.hex()}"))


def most_of(expected: int, percent: int) -> int:
    """Return how many units of a line may come before somebody has to look: so many percent more than was announced."""
    return expected + expected * percent // 100


class NewDeliveryLine(NamedTuple):
    """One item that is to come."""

    item: ItemId
    quantity: int


class NewDelivery(NamedTuple):
    """An announcement in normal form, its items found."""

    id: DeliveryId
    owner: OwnerId
    number: str
    supplier: str
    digest: bytes
    lines: tuple[NewDeliveryLine, ...]


@command("receiving.announce", OpClass.FACT, permission="receiving.announce")
class AnnounceDeliveries(Command):
    """Somebody said what is to come; a delivery that is here already is left as it is, one that was finished is open again."""

    deliveries: tuple[NewDelivery, ...]

    def reads(self) -> Reads:
        """Return the deliveries and their lines."""
        return {
            Delivery: [(self.site, each.id) for each in self.deliveries],
            DeliveryLine: [
                (self.site, delivery_line_id(each.id, line.item)) for each in self.deliveries for line in each.lines
            ],
        }

    def finds(self) -> Finds:
        """Return what bears their numbers."""
        return {(Delivery, "number"): [_number(self.site, each) for each in self.deliveries]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a delivery of nothing, and a line of nothing."""
        for each in self.deliveries:
            least = min((line.quantity for line in each.lines), default=0)
            if least <= 0:
                return Refusal(Reason.NOT_A_QUANTITY, {"delivery": each.number, "quantity": least})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write every delivery that is not there yet or was finished; one that somebody else announced otherwise is told."""
        added = 0
        for number, each in enumerate(self.deliveries):
            first = self._known(uow, each)
            if first is not None and (first.id, first.digest) != (each.id, each.digest):
                self._tell_of_other(uow, each, number)
                continue
            if first is not None and first.finished_at == 0:
                continue
            added += 1
            if first is not None:
                self._open_again(uow, first, each)
                continue
            uow.insert(
                Delivery(
                    self.site, each.id, each.owner, each.number, each.supplier, self.at, each.digest, 0, _NOBODY,
                    self.id,
                )
            )  # fmt: skip
            for n, line in enumerate(each.lines, 1):
                id_ = delivery_line_id(each.id, line.item)
                if uow.get(DeliveryLine, (self.site, id_)) is None:
                    uow.insert(
                        DeliveryLine(self.site, id_, each.id, n, each.owner, line.item, line.quantity, 0)
                    )  # fmt: skip
        uow.tell(added=added)

    def _known(self, uow: UnitOfWork, each: NewDelivery) -> Delivery | None:
        """Return the delivery as it is known; what bears its number under another id is another's word about it."""
        row = uow.get(Delivery, (self.site, each.id))
        if row is not None:
            return row
        return next(iter(uow.find(Delivery, "number", [_number(self.site, each)]).values()), None)

    def _open_again(self, uow: UnitOfWork, row: Delivery, each: NewDelivery) -> None:
        """Wait for a delivery again; who has let go of it since it was finished is sent its lines and bookings with it."""
        uow.update(row, announced_at=self.at, finished_at=0, finished_by=_NOBODY, announcement=self.id)
        keys = [(self.site, delivery_line_id(each.id, line.item)) for line in each.lines]
        for line in (uow.get(DeliveryLine, key) for key in keys):
            if line is not None:
                uow.put(line, again=True)
        for booking in uow.find(DeliveryBooking, "line", keys).values():
            uow.put(booking, again=True)

    def _tell_of_other(self, uow: UnitOfWork, each: NewDelivery, number: int) -> None:
        """Open the case of two announcements under one number: the first stands."""
        uow.except_()
        facts: dict[str, str | int] = {"kind": self.KIND, "reason": str(Reason.CHANGED_MEANWHILE), "code": each.number}
        open_case(uow, self, CaseKind.CONTRADICTED, subject=each.id, facts=facts, n=number)


def _number(site: SiteId, each: NewDelivery) -> Key:
    return site, each.owner, each.number


@command("receiving.book", OpClass.FACT, permission="receiving.book")
class BookGoods(Command):
    """Units of a delivery's line came in and lie at a place.

    Several receipts are units by their serials. What goes beyond the announced quantity and what is allowed over it opens a
    case: somebody may have booked the same units elsewhere.
    """

    line: DeliveryLineId
    receipts: tuple[Receipt, ...]

    @property
    def quantity(self) -> int:
        """Return how many units came."""
        return sum(each.quantity for each in self.receipts)

    def _received(self) -> ReceiveStock:
        return ReceiveStock(
            id=self.id, site=self.site, at=self.at, actor=self.actor, session=self.session, receipts=self.receipts
        )

    def _allowance(self) -> Key:
        return (self.site, Measure.OVER_RECEIPT, Scope.SITE, "")

    def reads(self) -> Reads:
        """Return the line, what may come over it, and what receiving its units reads."""
        return {
            **self._received().reads(), DeliveryLine: [(self.site, self.line)], Amount: [self._allowance()],
            DeliveryBooking: [(self.site, self.id, n) for n in range(len(self.receipts))],
        }  # fmt: skip

    def check(self, read: Read) -> Refusal | None:
        """Refuse a line that is not there or is of another item, and what cannot be received."""
        row = read.get(DeliveryLine, (self.site, self.line))
        if row is None or any((each.owner, each.item) != (row.owner, row.item) for each in self.receipts):
            return Refusal(Reason.NOT_FOUND)
        if not self.receipts:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": 0})
        return self._received().check(read)

    def apply(self, uow: UnitOfWork) -> None:
        """Bring the units in, write the bookings, and tell what came beyond the announcement."""
        self._received().apply(uow)
        for n, each in enumerate(self.receipts):
            key = each.key
            uow.insert(
                DeliveryBooking(
                    self.site, self.id, n, self.line, self.at, self.actor, key.owner, key.item, key.lot, key.serial,
                    key.location, each.quantity, 0,
                )
            )  # fmt: skip
        row = uow.get(DeliveryLine, (self.site, self.line))
        if row is None:
            return
        after = uow.update(row, booked=row.booked + self.quantity)
        said = uow.get(Amount, self._allowance())
        percent = MEASURES[Measure.OVER_RECEIPT].usual if said is None else said.value
        if after.booked > most_of(row.expected, percent):
            self._ask(uow, row, after.booked)

    def _ask(self, uow: UnitOfWork, row: DeliveryLine, booked: int) -> None:
        """Open a case about those of these units that nobody expected."""
        uow.except_()
        facts: dict[str, str | int] = {
            "over": min(self.quantity, booked - row.expected), "expected": row.expected, "booked": booked,
            "item": row.item.hex(), "booking": self.id.hex(),
        }  # fmt: skip
        if self.receipts:
            facts["shelf"] = self.receipts[-1].location.hex()
        open_case(uow, self, CaseKind.OVER_RECEIPT, subject=self.line, facts=facts)


class Taken(NamedTuple):
    """Units of a booking that are taken out again, from where they were laid."""

    booking: CommandId
    n: int
    receipt: Receipt


@command("receiving.take_out", OpClass.FACT, permission="receiving.book")
class TakeOutGoods(Command):
    """Units that were booked in leave the books again: they never came, or they go back to the supplier.

    What somebody else took out of a booking unheard of us is not taken out twice.
    """

    line: DeliveryLineId
    taken: tuple[Taken, ...]
    why: TakeOut
    case: CaseId | None
    """The case that is settled by it."""

    @property
    def decision(self) -> Decision:
        """Return what it says of the case."""
        return Decision.SENT_BACK if self.why is TakeOut.SENT_BACK else Decision.COUNTED_TWICE

    def _movement(self, receipt: Receipt, quantity: int) -> Movement:
        cause = Cause.SEND_BACK if self.why is TakeOut.SENT_BACK else Cause.UNRECEIVE
        outside = replace(receipt.key, location=world(self.site), lpn=NO_LPN)
        return Movement(receipt.key, outside, quantity, cause)

    def _keys(self) -> list[Key]:
        return [(self.site, each.booking, each.n) for each in self.taken]

    def reads(self) -> Reads:
        """Return the bookings, their line, the balances where the units lie, and the case."""
        return {
            DeliveryBooking: self._keys(),
            DeliveryLine: [(self.site, self.line)],
            Balance: balance_keys(self.site, [self._movement(each.receipt, 0) for each in self.taken]),
            Case: [] if self.case is None else [(self.site, self.case)],
        }

    def _settled(self, read: Read) -> Case | None:
        """Return the case, where somebody settled it already."""
        row = None if self.case is None else read.get(Case, (self.site, self.case))
        return None if row is None or row.state is CaseState.OPEN else row

    def check(self, read: Read) -> Refusal | None:
        """Refuse what was taken out already, and what does not lie there free; who says the same of a case is right."""
        settled = self._settled(read)
        if settled is not None:
            same = settled.decision == self.decision
            return None if same else Refusal(Reason.CHANGED_MEANWHILE, {"state": settled.state})
        for each in self.taken:
            row, units = read.get(DeliveryBooking, (self.site, each.booking, each.n)), each.receipt.quantity
            if row is None or units <= 0:
                return Refusal(Reason.NOT_FOUND)
            if row.quantity - row.taken_out < units:
                return Refusal(Reason.NOTHING_TO_UNDO)
            have = free(read, self.site, each.receipt.key)
            if have < units:
                return Refusal(Reason.NOT_ENOUGH_STOCK, {"free": max(0, have)})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Take the units out and settle the case; where somebody settled it otherwise, that stands."""
        if self._settled(uow) is not None:
            return
        gone, n = 0, 0
        for each in self.taken:
            row = uow.get(DeliveryBooking, (self.site, each.booking, each.n))
            units = 0 if row is None else min(each.receipt.quantity, row.quantity - row.taken_out)
            if row is not None and units > 0:
                uow.update(row, taken_out=row.taken_out + units)
                n = post(uow, self, [self._movement(each.receipt, units)], start=n)
                gone += units
        line = uow.get(DeliveryLine, (self.site, self.line))
        if line is not None:
            uow.update(line, booked=line.booked - gone)
        case = None if self.case is None else uow.get(Case, (self.site, self.case))
        if case is not None:
            uow.update(
                case, state=CaseState.CLOSED, decided_by=self.actor, decision=self.decision.value, closed_at=self.at
            )  # fmt: skip
        uow.tell(taken=gone)


@command("receiving.finish", OpClass.FACT, permission="receiving.finish")
class FinishDelivery(Command):
    """No more of a delivery comes: it leaves the list of those that are waited for."""

    delivery: DeliveryId

    def reads(self) -> Reads:
        """Return the delivery."""
        return {Delivery: [(self.site, self.delivery)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse one that is not there; who says it after somebody else is right."""
        return Refusal(Reason.NOT_FOUND) if read.get(Delivery, (self.site, self.delivery)) is None else None

    def apply(self, uow: UnitOfWork) -> None:
        """Write when; the first one stands."""
        row = uow.get(Delivery, (self.site, self.delivery))
        if row is not None and row.finished_at == 0:
            uow.update(row, finished_at=self.at, finished_by=self.actor)
