"""A hub with one order on one walk that a station holds, given to another, and where the books have its goods."""

from collections import Counter

from core.catalog.model import Location
from core.kernel.ids import BatchId
from core.rights.commands import GiveBackWork
from core.rights.model import WorkLease
from core.stock.model import Balance
from tests.orders.shop import lay_out
from tests.sync.world import Member, World

ORDER = (("MUG", 3),)


def a_walk_is_held(it: World) -> None:
    lay_out(it.members[0].bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    it.office.order("o1", ORDER)
    it.office.promise()
    (batch,) = it.office.release()
    it.grant(it.members[0], batch)
    it.settle()


def books(it: World) -> dict[str, int]:
    """Return what the hub has of mugs, by where they are."""
    names = {row.id: row.code for row in it.office.it.all(Location)}
    found: Counter[str] = Counter()
    for row in it.office.it.all(Balance):
        found[names[row.location]] += row.total
    assert found.pop("WORLD") == -sum(found.values()) == -100
    return dict(found)


def give_to(it: World, member: Member) -> WorkLease:
    """Let the office give the walk to another station, which hears of it; return the new lease."""
    (lease,) = it.office.it.all(WorkLease)
    it.office.it.run(GiveBackWork(**it.office.it.base(), stage=lease.stage, work=lease.work, fence=lease.fence))
    it.grant(member, BatchId(lease.work))
    it.pull(member)
    return it.office.it.need(WorkLease, lease.stage, lease.work)
