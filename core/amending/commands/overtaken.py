"""The floor overtook a change: what was picked or labelled against it stops, is asked back, or is told as gone."""

from core.amending.commands.office import NewStop, ToPutBack, ask_back, stop_work, too_late
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import OrderId, ParcelId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Order, StopRequest
from core.rights.model import PLANNING


@command("amending.stop_overtaken", OpClass.CLAIM, permission="orders.amend")
class StopOvertaken(Command):
    """The hub has heard of work that was done against a change by whoever had not heard of it."""

    order: OrderId
    stops: tuple[NewStop, ...]
    put_back: tuple[ToPutBack, ...]
    """Units of lines that were picked and are not wanted any more: they count as cancelled already."""
    late: int
    """Units or parcels that left otherwise than they are wanted, where nobody was told."""
    gone: tuple[ParcelId, ...] | None = None
    """Those parcels: their label is the one from before; None where an earlier program did not say which they are."""

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning: the hub alone hears everybody."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the order and the stops."""
        return {
            Order: [(self.site, self.order)],
            StopRequest: [(self.site, each.fulfilment) for each in self.stops],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse an order that is not there, or that is cancelled."""
        row = read.get(Order, (self.site, self.order))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        return Refusal(Reason.ORDER_CANCELLED, {"order": row.number}) if row.cancelled_at else None

    def apply(self, uow: UnitOfWork) -> None:
        """Stop, open the cases."""
        stop_work(uow, self, self.order, self.stops)
        ask_back(uow, self, self.order, self.put_back, unheard=1)
        too_late(uow, self, self.order, self.late, "change", self.gone, unheard=1)
