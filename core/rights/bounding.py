"""Numbers that two sites have in common: each gives out its own part of them, and none that the other could.

Sites of one company begin their label numbers alike, and a carrier knows nothing of sites. No transaction spans two of them, so
the site that was there gives up the upper part first and the new one begins there afterwards; what is given up in vain is lost.
"""

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, StationId
from core.kernel.numbers import OWN, NumberRange
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork


@command("rights.bound_numbers", OpClass.EDIT, permission="stations.admit")
class BoundNumbers(Command):
    """A site's own numbers of a name go from one to another, and no further: the rest are another site's."""

    name: str
    first: int
    """The next that is given out."""
    last: int

    def reads(self) -> Reads:
        """Return the range."""
        return {NumberRange: [(self.site, self.name, OWN)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse no numbers at all, numbers that were given out, and more than the site had."""
        row = read.get(NumberRange, (self.site, self.name, OWN))
        if not 1 <= self.first <= self.last:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": self.last - self.first + 1})
        if row is not None and (self.first < row.next or self.last > row.last):
            return Refusal(Reason.CHANGED_MEANWHILE, {"number": row.next})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write it."""
        uow.put(NumberRange(self.site, self.name, OWN, self.first, self.last, StationId(NO_ID), 0, 0))
