"""A cancel that a station asked for while the floor went on elsewhere: the hub, which knows more, plans it once more.

What a cancel takes off is planned unit by unit from what the station knew. Where a unit was promised, released or picked since,
it is refused as any claim is that came too late. But somebody said yes to it, and nobody looks at that screen any more: so what
was wished is planned from what is so now, in the name of whoever wished it, before anything else is done. The thing a newcomer
would get wrong: the refused operation stays refused, for the station takes back what it did by itself.
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from core.amending.commands import CancelOrder
from core.amending.planner import plan_cancel
from core.kernel.commands import Command, command_of
from core.kernel.flow import Stamp
from core.kernel.ids import CommandId, derive
from core.kernel.operations import Operation, OperationOutcome
from core.kernel.reasons import Reason
from core.rights.model import OperationReceipt


def planned_again(
    connection: sa.Connection, operations: Iterable[Operation], receipts: Iterable[OperationReceipt]
) -> Iterator[Command]:
    """Yield the cancels that are done in the place of those that were refused because the floor went on.

    Args:
        connection: an open transaction's, the site's turn in hand.
        operations: of a station, as they came.
        receipts: theirs.
    """
    overtaken = {
        row.operation
        for row in receipts
        if row.outcome is OperationOutcome.REFUSED and row.reason == Reason.CHANGED_MEANWHILE
    }
    for each in operations:
        if each.id not in overtaken or each.kind != CancelOrder.KIND:
            continue
        command = command_of(each)
        if isinstance(command, CancelOrder):
            stamp = Stamp(
                id=CommandId(derive(each.id, "again")), site=each.site, at=command.at, actor=command.actor,
                session=command.session,
            )  # fmt: skip
            made = plan_cancel(connection, each.site, command.order, command.reason, stamp)
            if isinstance(made, CancelOrder):
                yield made
