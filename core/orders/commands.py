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
from core.kernel.tables import Values
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
        new: dict[OrderId, NewOrder] = {}
        for order, name in zip(self.orders, names, strict=True):
            if name not in known and order.id not in new:
                known.add(name)
                new[order.id] = order
        self._add(uow, new.values())
        uow.tell(added=len(new))

    def _add(self, uow: UnitOfWork, new: Iterable[NewOrder]) -> None:
        """Add orders with their fulfilments and the lines of both, by table."""
        site, parent = self.site, NO_ID
        orders: list[Values] = []
        fulfilments: list[Values] = []
        order_lines: list[Values] = []
        fulfilment_lines: list[Values] = []
        for each in new:
            (
                order, channel, external_id, number, owner, contact, ordered_at, service, carrier, priority,
                promised_at, cut_off_at, payment, partial, handling, digest, lines,
            ) = each  # fmt: skip
            fulfilment, units = fulfilment_id(order, 1), 0
            for n, (external_line, item, quantity, price, currency, description) in enumerate(lines, start=1):
                line = line_id(order, n)
                units += quantity
                order_lines.append((
                    site, line, order, n, external_line, owner, item, parent, description, quantity, 0, price, currency,
                ))  # fmt: skip
                fulfilment_lines.append((
                    site, fulfilment_line_id(fulfilment, n), fulfilment, order, line, n, owner, item, quantity,
                    0, 0, 0, 0, 0, 0, 0, 1,
                ))  # fmt: skip
            orders.append((
                site, order, channel, external_id, number, owner, contact, ordered_at, service, priority, promised_at,
                cut_off_at, payment, partial, handling, 0, digest, 1,
            ))  # fmt: skip
            fulfilments.append((
                site, fulfilment, order, 1, owner, contact, carrier, service, priority, ordered_at, promised_at,
                cut_off_at, partial, payment, len(lines), units, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
            ))  # fmt: skip
        uow.insert(
            or_leave={
                Order: orders, Fulfilment: fulfilments, OrderLine: order_lines, FulfilmentLine: fulfilment_lines,
            },
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
