"""Orders come in, are held and let go; what cancelling means in every area is `amending/`."""

from collections.abc import Iterable
from typing import NamedTuple

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import (
    NO_ID,
    ContactId,
    FulfilmentId,
    FulfilmentLineId,
    HoldId,
    ItemId,
    OrderId,
    OrderLineId,
    OwnerId,
    derive,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import (
    Fulfilment,
    FulfilmentLine,
    Order,
    OrderHold,
    OrderLine,
    PartialPolicy,
    PaymentState,
)


class NewLine(NamedTuple):
    """One line of a new order, in the order's own sequence."""

    external_line: str
    item: ItemId
    quantity: int
    unit_price_millionths: int
    currency: str
    description: str


class NewOrder(NamedTuple):
    """A document in normal form, its item ids found and its address put aside."""

    id: OrderId
    channel: str
    external_id: str
    number: str
    owner: OwnerId
    contact: ContactId
    ordered_at: int
    service: str
    carrier: str
    priority: int
    promised_at: int
    cut_off_at: int
    payment: PaymentState
    partial: PartialPolicy
    handling: str
    digest: bytes
    lines: tuple[NewLine, ...]


def received_body(orders: Iterable[str]) -> str:
    """Return the body of a `ReceiveOrders` from its orders' own canonical texts, made where they were read."""
    return f'{{"orders":[{",".join(orders)}]}}'


ROWS_PER_ORDER = 2
"""Feed rows of an order beside its lines: the order and its fulfilment."""
ROWS_PER_LINE = 2
"""Feed rows of a line: the order's and the fulfilment's."""


def line_id(order: OrderId, number: int) -> OrderLineId:
    """Return the id of an order's line, numbered from 1."""
    return OrderLineId(derive(order, "line", number))


def fulfilment_id(order: OrderId, number: int) -> FulfilmentId:
    """Return the id of an order's fulfilment, numbered from 1."""
    return FulfilmentId(derive(order, "fulfilment", number))


def fulfilment_line_id(fulfilment: FulfilmentId, number: int) -> FulfilmentLineId:
    """Return the id of a fulfilment's line, numbered as the order's."""
    return FulfilmentLineId(derive(fulfilment, "line", number))


@command("orders.receive", OpClass.FACT, permission="orders.receive")
class ReceiveOrders(Command):
    """Documents from a channel become orders, each with one fulfilment at this site.

    A document that is here already is left as it is: importing a file twice changes nothing.
    """

    orders: tuple[NewOrder, ...]

    def check(self, read: Read) -> Refusal | None:
        """Refuse lines without a quantity, and orders without lines."""
        for order in self.orders:
            if not order.lines:
                return Refusal(Reason.NOT_A_QUANTITY, {"order": order.number, "quantity": 0})
            for line in order.lines:
                if line.quantity <= 0:
                    return Refusal(Reason.NOT_A_QUANTITY, {"order": order.number, "quantity": line.quantity})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write every order that is not there yet, by what its channel calls it."""
        names = [(self.site, order.channel, order.external_id) for order in self.orders]
        known = set(uow.find(Order, "external", names))
        added: set[OrderId] = set()
        for order, name in zip(self.orders, names, strict=True):
            if name not in known and order.id not in added:
                known.add(name)
                added.add(order.id)
                self._add(uow, order)
        uow.tell(added=len(added))

    def _add(self, uow: UnitOfWork, new: NewOrder) -> None:
        fulfilment = fulfilment_id(new.id, 1)
        uow.insert(
            Order(
                self.site, new.id, new.channel, new.external_id, new.number, new.owner, new.contact, new.ordered_at,
                new.service, new.priority, new.promised_at, new.cut_off_at, new.payment, new.partial, new.handling, 0,
                new.digest, 1,
            ),
            Fulfilment(
                self.site, fulfilment, new.id, 1, new.owner, new.contact, new.carrier, new.service, new.priority,
                new.ordered_at, new.promised_at, new.cut_off_at, new.partial, new.payment, len(new.lines),
                sum(line.quantity for line in new.lines), 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
            ),
            or_leave=True,
        )  # fmt: skip
        for number, line in enumerate(new.lines, start=1):
            order_line = line_id(new.id, number)
            uow.insert(
                OrderLine(
                    self.site, order_line, new.id, number, line.external_line, new.owner, line.item,
                    OrderLineId(NO_ID), line.description, line.quantity, 0, line.unit_price_millionths, line.currency,
                ),
                FulfilmentLine(
                    self.site, fulfilment_line_id(fulfilment, number), fulfilment, new.id, order_line, number,
                    new.owner, line.item, line.quantity, 0, 0, 0, 0, 0, 0, 0, 1,
                ),
                or_leave=True,
            )  # fmt: skip


@command("orders.hold", OpClass.FACT, permission="orders.hold")
class HoldOrder(Command):
    """The office wants an order to wait: nothing more of it is promised, released, packed or loaded."""

    order: OrderId
    fulfilments: tuple[FulfilmentId, ...]
    reason: str
    note: str = ""

    def reads(self) -> Reads:
        """Return the order and its fulfilments."""
        return {Order: [(self.site, self.order)], Fulfilment: [(self.site, each) for each in self.fulfilments]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse an order that is not there or cancelled."""
        row = read.get(Order, (self.site, self.order))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        return Refusal(Reason.ORDER_CANCELLED, {"order": row.number}) if row.cancelled_at else None

    def apply(self, uow: UnitOfWork) -> None:
        """Write the hold and count it at each fulfilment."""
        hold = HoldId(derive(self.id, "hold"))
        uow.insert(OrderHold(self.site, hold, self.order, self.reason, self.note, self.at, self.actor, 0))
        for each in self.fulfilments:
            row = uow.get(Fulfilment, (self.site, each))
            if row is not None:
                uow.update(row, held=row.held + 1)


@command("orders.release_hold", OpClass.FACT, permission="orders.hold")
class ReleaseHold(Command):
    """A hold is over."""

    hold: HoldId
    fulfilments: tuple[FulfilmentId, ...]

    def reads(self) -> Reads:
        """Return the hold and the fulfilments it counts at."""
        return {OrderHold: [(self.site, self.hold)], Fulfilment: [(self.site, each) for each in self.fulfilments]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a hold that is over already."""
        row = read.get(OrderHold, (self.site, self.hold))
        return Refusal(Reason.NOT_FOUND) if row is None or row.released_at else None

    def apply(self, uow: UnitOfWork) -> None:
        """End the hold and count it off."""
        hold = uow.get(OrderHold, (self.site, self.hold))
        if hold is None or hold.released_at:
            return
        uow.update(hold, released_at=self.at)
        for each in self.fulfilments:
            row = uow.get(Fulfilment, (self.site, each))
            if row is not None and row.held > 0:
                uow.update(row, held=row.held - 1)
