"""Goods of an order that are heard of when its cancel is final already."""

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.kernel.commands import Command
from core.kernel.ids import FulfilmentId, OrderId
from core.kernel.uow import UnitOfWork
from core.orders.model import CancelState, OrderCancel


def ask_back_late(
    uow: UnitOfWork, by: Command, order: OrderId, fulfilment: FulfilmentId, quantity: int, n: int
) -> None:
    """Have units carried back whose order's cancel was final before they were heard of: until then it asks for them itself.

    Args:
        uow: the command's unit of work.
        by: the command by which they are heard of.
        order: whose they are.
        fulfilment: which part of it.
        quantity: how many.
        n: which of the command's cases it is.
    """
    cancel = uow.get(OrderCancel, (by.site, order))
    if cancel is not None and cancel.state is CancelState.FINAL:
        facts: dict[str, str | int] = {"quantity": quantity}
        open_case(uow, by, CaseKind.PUT_BACK, order=order, subject=fulfilment, facts=facts, n=n)
