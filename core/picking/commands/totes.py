"""Totes that are carried elsewhere as a whole: where one stands by whoever put it down last.

What is in it is booked to the cart it was filled on until a bench takes it out, wherever the tote stands: a slip of it names
that cart, and so a tote that is carried moves nothing in the ledger.
"""

from core.catalog.model import Container, Location
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import CommandId, ContainerId, FillId, LocationId, OrderId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.picking.model import Fill, FillState, TotePlace
from core.stock.commands import no_place
from core.stock.moving import NOT_MOVED, tell_twice


@command("picking.move_tote", OpClass.FACT, permission="stock.move")
class MoveTote(Command):
    """A tote was put down somewhere, with what is in it."""

    container: ContainerId
    fill: FillId
    order: OrderId
    place: LocationId
    known: CommandId = NOT_MOVED
    """The last move of it that its station had heard of."""

    def reads(self) -> Reads:
        """Return the tote, what is in it, where it stands, and the place."""
        return {
            Container: [(self.site, self.container)],
            Fill: [(self.site, self.fill)],
            TotePlace: [(self.site, self.container)],
            Location: [(self.site, self.place)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse what is no tote, one that is still being filled, and a place that is not."""
        tote = read.get(Container, (self.site, self.container))
        if tote is None:
            return Refusal(Reason.NOT_FOUND)
        fill = read.get(Fill, (self.site, self.fill))
        if fill is not None and fill.state in (FillState.OPEN, FillState.FULL):
            return Refusal(Reason.TOTE_BEING_FILLED, {"got": tote.code})
        return no_place(read, self.site, self.place)

    def apply(self, uow: UnitOfWork) -> None:
        """Write where it stands; one that others carried elsewhere minutes ago, unheard of, is told."""
        before = uow.get(TotePlace, (self.site, self.container))
        uow.put(TotePlace(self.site, self.container, self.fill, self.order, self.place, self.id, self.at, self.actor))
        if before is not None and before.move != self.known and before.place != self.place:
            tell_twice(uow, self, self.place, before, before.place, {}, self.container, self.order)
