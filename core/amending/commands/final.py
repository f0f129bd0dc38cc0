"""A cancel is a request until no dock can load what it stops any more: who is still waited for, and that it is final."""

from core.amending.commands.office import ToPutBack, ask_back, cases_of, left_of_cancelled
from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.ids import CommandId, OrderId, StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import CancelState, OrderCancel, waits_text
from core.rights.model import PLANNING


@command("amending.judge_cancel", OpClass.CLAIM, permission="orders.amend")
class JudgeCancel(Command):
    """The hub has heard docks about a cancel: of some it waits to hear still, or what was to be known is known."""

    order: OrderId
    operation: CommandId
    """The cancel: one that was asked for again since is judged anew."""
    waits: tuple[StationId, ...]
    """Docks that may still load what is cancelled; none when it is final."""
    put_back: tuple[ToPutBack, ...]
    """Goods that lie in totes and parcels and that nobody was asked to carry back."""
    late: int
    """Units that left all the same, whether or not somebody was told of them."""

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning: the hub alone hears every dock."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the cancel."""
        return {OrderCancel: [(self.site, self.order)]}

    def finds(self) -> Finds:
        """Return the order's cases: what was told is not told again."""
        return cases_of(self.site, self.order)

    def check(self, read: Read) -> Refusal | None:
        """Refuse a cancel that is final, or that was asked for again."""
        row = read.get(OrderCancel, (self.site, self.order))
        if row is None or row.state is CancelState.FINAL or row.operation != self.operation:
            return Refusal(Reason.CHANGED_MEANWHILE)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write who is waited for; when nobody is, that it is final, and what follows for the goods."""
        row = uow.get(OrderCancel, (self.site, self.order))
        if row is None:
            return
        if self.waits:
            uow.update(row, waits=waits_text(self.waits))
            return
        uow.update(row, waits="", state=CancelState.FINAL, final_at=self.at)
        ask_back(uow, self, self.order, self.put_back)
        left_of_cancelled(uow, self, self.order, self.late)
