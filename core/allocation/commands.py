"""Promises of a site's stock to fulfilment lines, and taking them back."""

from dataclasses import dataclass

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import FulfilmentId, FulfilmentLineId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine
from core.orders.progress import advance, wanted
from core.rights.model import PLANNING


@dataclass(frozen=True, slots=True)
class Promised:
    """Units promised to a line by the plan."""

    line: FulfilmentLineId
    fulfilment: FulfilmentId
    quantity: int


LINES_PER_OPERATION = 100
"""A promise writes a line and perhaps its fulfilment: at most 250 rows an operation (architecture.md 3)."""


@command("allocation.promise", OpClass.CLAIM, permission="allocation.promise")
class PromiseLines(Command):
    """Stock of this site is promised to lines, as one plan decided."""

    lines: tuple[Promised, ...]

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the lines and their fulfilments."""
        return {
            FulfilmentLine: [(self.site, each.line) for each in self.lines],
            Fulfilment: [(self.site, each.fulfilment) for each in self.lines],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse held orders and more than a line wants: the plan is older than the line."""
        asked: dict[FulfilmentLineId, int] = {}
        for each in self.lines:
            row = read.get(FulfilmentLine, (self.site, each.line))
            if row is None:
                return Refusal(Reason.NOT_FOUND)
            head = read.get(Fulfilment, (self.site, each.fulfilment))
            if head is not None and head.held:
                return Refusal(Reason.ORDER_HELD)
            asked[each.line] = asked.get(each.line, 0) + each.quantity
            if each.quantity <= 0 or row.promised + asked[each.line] > wanted(row):
                return Refusal(Reason.CHANGED_MEANWHILE, {"wanted": wanted(row), "promised": row.promised})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Count the promises, never beyond what is wanted."""
        for each in self.lines:
            row = uow.get(FulfilmentLine, (self.site, each.line))
            if row is not None:
                step = min(each.quantity, wanted(row) - row.promised)
                advance(uow, self.site, each.line, promised=max(0, step))


@command("allocation.withdraw", OpClass.CLAIM, permission="allocation.promise")
class WithdrawPromises(Command):
    """Promises that nothing is reserved for are taken back."""

    lines: tuple[Promised, ...]

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the lines and their fulfilments."""
        return {
            FulfilmentLine: [(self.site, each.line) for each in self.lines],
            Fulfilment: [(self.site, each.fulfilment) for each in self.lines],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse what is released already."""
        asked: dict[FulfilmentLineId, int] = {}
        for each in self.lines:
            row = read.get(FulfilmentLine, (self.site, each.line))
            asked[each.line] = asked.get(each.line, 0) + each.quantity
            if row is None or each.quantity <= 0 or row.promised - row.reserved < asked[each.line]:
                return Refusal(Reason.CHANGED_MEANWHILE)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Count the promises back."""
        for each in self.lines:
            row = uow.get(FulfilmentLine, (self.site, each.line))
            if row is not None:
                advance(uow, self.site, each.line, promised=-min(each.quantity, max(0, row.promised - row.reserved)))
