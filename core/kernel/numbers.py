"""Numbers that people read and labels carry: ranges per site, taken by the command that uses them.

A number is decided before the command (from `next`) and named in it; the command checks that it is still free and moves
the range on. A hub leases ranges to stations later: `last` ends what this file may use.
"""

from core.kernel.commands import Read
from core.kernel.ids import SiteId
from core.kernel.tables import Row, TableClass, table
from core.kernel.uow import UnitOfWork

UNLIMITED = 2**62


@table(TableClass.FEED, key=("site", "name"))
class NumberRange(Row):
    """Numbers this database may give out for a purpose: wave, batch, manifest, sscc."""

    site: SiteId
    name: str
    next: int
    last: int


def is_free(read: Read, site: SiteId, name: str, number: int) -> bool:
    """Return whether a number may be used: not given out before, and within the range."""
    row = read.get(NumberRange, (site, name))
    return number >= 1 if row is None else row.next <= number <= row.last


def take(uow: UnitOfWork, site: SiteId, name: str, number: int) -> None:
    """Move a range beyond a number that is used now; total, a number below it leaves the range as it is."""
    row = uow.get(NumberRange, (site, name))
    if row is None:
        uow.insert(NumberRange(site, name, number + 1, UNLIMITED))
    elif number >= row.next:
        uow.update(row, next=number + 1)
