"""What the office wished while the floor went on elsewhere: the hub, which knows more, plans it once more.

What a cancel takes off is planned unit by unit from what the station knew. Where a unit was promised, released or picked since,
it is refused as any claim is that came too late. But somebody said yes to it, and nobody looks at that screen any more: so what
was wished is planned from what is so now, in the name of whoever wished it, before anything else is done. The thing a newcomer
would get wrong: the refused operation stays refused, for the station takes back what it did by itself.

A change that was taken is not refused after the fact; what was done against it unheard is stopped (`core/amending/overtaken.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.amending.commands import CancelOrder, ChangeOrder, ResumeFulfilment
from core.amending.overtaken import plan_overtaken
from core.amending.planner import plan_cancel
from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.commands import Command, command_of
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, OrderId, SiteId, derive
from core.kernel.operations import Operation, OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment
from core.packing.commands import CloseParcel
from core.picking.commands import PickUnits
from core.rights.model import OperationReceipt
from core.rights.remembering import Remember
from core.shipping.commands import LoadParcel
from sync.hub.applying import tried


@dataclass(frozen=True, slots=True)
class By:
    """The operation after which the hub does something."""

    id: CommandId
    site: SiteId
    kind: str
    at: int

    def stamp(self, purpose: str, n: int = 0) -> Stamp:
        """Return the stamp of what the hub does by itself."""
        return Stamp(
            id=CommandId(derive(self.id, purpose, n)), site=self.site, at=self.at, actor=SYSTEM, session=NO_SESSION
        )


def planned_again(connection: sa.Connection, operation: Operation, receipt: OperationReceipt) -> Iterator[Command]:
    """Yield the cancel that is done in the place of one that was refused because the floor went on, and what stops the floor.

    Where that cannot be planned, whatever it is, a case is: what the station sent is taken all the same.

    Args:
        connection: an open transaction's, the site's turn in hand.
        operation: of a station, as it came.
        receipt: what became of it.
    """
    looked_at = _LOOKED_AT.get(operation.kind)
    by = By(operation.id, operation.site, operation.kind, operation.device_ms)
    if looked_at and (receipt.outcome, receipt.reason) == (OperationOutcome.REFUSED, Reason.CHANGED_MEANWHILE):
        found = _cancelled(connection, operation)
    elif receipt.outcome is looked_at:
        found = _stopped(connection, _orders(connection, command_of(operation)), by)
    else:
        # Most operations: not even a savepoint is asked for.
        return
    yield from _made(connection, found, by)


def remembered_again(connection: sa.Connection, made: Remember) -> Iterator[Command]:
    """Yield what stops the floor where an operation that the hub had forgotten goes against a change that it knows.

    Args:
        connection: an open transaction's, the site's turn in hand; all that was handed back with it is in the books again.
        made: what brought its rows back.
    """
    if made.kind in _LOOKED_AT:
        by = By(made.id, made.site, made.kind, made.at)
        yield from _made(connection, _stopped(connection, _remembered_orders(made), by), by)


def _made(connection: sa.Connection, found: Iterator[Command], by: By) -> Iterator[Command]:
    """Yield commands as they are planned; where one cannot be, a case."""
    while (made := tried(connection, lambda: next(found, None))) is not None:
        yield _not_planned(by, made) if isinstance(made, Exception) else made


def _not_planned(by: By, error: Exception) -> Command:
    facts = (("kind", by.kind), ("why", f"{type(error).__name__}: {error}"[:500]))
    return OpenCase(**by.stamp("not planned"), kind=CaseKind.NOT_APPLIED, facts=facts)


_LOOKED_AT = {
    CancelOrder.KIND: OperationOutcome.REFUSED,
    ChangeOrder.KIND: OperationOutcome.APPLIED,
    ResumeFulfilment.KIND: OperationOutcome.APPLIED,
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


def _stopped(connection: sa.Connection, orders: Iterable[OrderId], by: By) -> Iterator[Command]:
    for n, order in enumerate(orders):
        made = plan_overtaken(connection, by.site, order, by.stamp("overtaken", n))
        if made is not None:
            yield made


def _remembered_orders(made: Remember) -> Iterator[OrderId]:
    """Yield the orders that rows are of, each once; what is no row of ours was left out when they were brought back."""
    told = (codec.parse(row.content).get("order") for row in made.rows if row.content)
    yield from map(OrderId, map(bytes.fromhex, dict.fromkeys(each for each in told if each)))


def _orders(connection: sa.Connection, command: Command) -> Iterable[OrderId]:
    match command:
        case ResumeFulfilment(site=site, fulfilment=fulfilment):
            part = UnitOfWork(connection).get(Fulfilment, (site, fulfilment))
            return () if part is None else (part.order,)
        case PickUnits(takes=takes):
            return dict.fromkeys(each.order for each in takes)
        case ChangeOrder(order=order) | CloseParcel(order=order) | LoadParcel(order=order):
            return (order,)
        case _:
            return ()
