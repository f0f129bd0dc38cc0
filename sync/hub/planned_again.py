"""What the office wished while the floor went on elsewhere: the hub, which knows more, plans it once more.

What a cancel takes off is planned unit by unit from what the station knew. Where a unit was promised, released or picked since,
it is refused as any claim is that came too late. But somebody said yes to it, and nobody looks at that screen any more: so what
was wished is planned from what is so now, in the name of whoever wished it, before anything else is done. The thing a newcomer
would get wrong: the refused operation stays refused, for the station takes back what it did by itself.

A change that was taken is not refused after the fact; what was done against it unheard is stopped (`core/amending/overtaken.py`).
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from core.amending.commands import CancelOrder, ChangeOrder
from core.amending.overtaken import plan_overtaken
from core.amending.planner import plan_cancel
from core.kernel.commands import Command, command_of
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, OrderId, derive
from core.kernel.operations import Operation, OperationOutcome
from core.kernel.reasons import Reason
from core.packing.commands import CloseParcel
from core.picking.commands import PickUnits
from core.rights.model import OperationReceipt
from core.shipping.commands import LoadParcel


def planned_again(
    connection: sa.Connection, operations: Iterable[Operation], receipts: Iterable[OperationReceipt]
) -> Iterator[Command]:
    """Yield the cancels that are done in the place of those that were refused because the floor went on, and what stops the floor.

    Args:
        connection: an open transaction's, the site's turn in hand.
        operations: of a station, as they came.
        receipts: theirs.
    """
    said = {row.operation: row for row in receipts}
    for each in operations:
        row = said.get(each.id)
        if row is None or each.kind not in _LOOKED_AT:
            continue
        if row.outcome is OperationOutcome.REFUSED and row.reason == Reason.CHANGED_MEANWHILE:
            yield from _cancelled(connection, each)
        elif row.outcome is _LOOKED_AT[each.kind]:
            yield from _stopped(connection, each)


_LOOKED_AT = {
    CancelOrder.KIND: OperationOutcome.REFUSED,
    ChangeOrder.KIND: OperationOutcome.APPLIED,
    **dict.fromkeys((PickUnits.KIND, CloseParcel.KIND, LoadParcel.KIND), OperationOutcome.APPLIED_WITH_EXCEPTION),
}
"""Operations after which something may be to be done, and the outcome that says so: of others nothing is read."""


def _cancelled(connection: sa.Connection, operation: Operation) -> Iterator[Command]:
    command = command_of(operation)
    if isinstance(command, CancelOrder):
        stamp = Stamp(
            id=CommandId(derive(operation.id, "again")), site=operation.site, at=command.at, actor=command.actor,
            session=command.session,
        )  # fmt: skip
        made = plan_cancel(connection, operation.site, command.order, command.reason, stamp)
        if isinstance(made, CancelOrder):
            yield made


def _stopped(connection: sa.Connection, operation: Operation) -> Iterator[Command]:
    for n, order in enumerate(_orders(command_of(operation))):
        stamp = Stamp(
            id=CommandId(derive(operation.id, "overtaken", n)), site=operation.site, at=operation.device_ms, actor=SYSTEM,
            session=NO_SESSION,
        )  # fmt: skip
        made = plan_overtaken(connection, operation.site, order, stamp)
        if made is not None:
            yield made


def _orders(command: Command) -> Iterable[OrderId]:
    match command:
        case PickUnits(takes=takes):
            return dict.fromkeys(each.order for each in takes)
        case ChangeOrder(order=order) | CloseParcel(order=order) | LoadParcel(order=order):
            return (order,)
        case _:
            return ()
