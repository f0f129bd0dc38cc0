"""Whether a hub and its stations hold the same."""

from core.kernel.rewind import SetAside
from core.stock.model import Balance
from tests.sync.held import confirmed_rows, hashes, shadows
from tests.sync.world import World


def agree(it: World) -> None:
    """Every station holds what the hub holds; nothing waits to be settled, and nothing is set aside."""
    want = hashes(it.central)
    for member in it.members:
        assert member.unsettled() == []
        assert shadows(member.connection) == 0
        assert member.bench.all(SetAside) == []
        # Where no image is kept, what is confirmed is what the tables hold: row by row it is read only to be told.
        if hashes(member.connection) != want:
            assert confirmed_rows(member.connection) == confirmed_rows(it.central)
        assert hashes(member.connection) == want
        assert all(row.settled == row.total for row in member.bench.all(Balance))


def agree_in_the_end(it: World) -> None:
    """They do once everything was pushed and pulled, and what the hub made of it too."""
    it.settle()
    it.settle()
    agree(it)


__all__ = ["agree", "agree_in_the_end"]
