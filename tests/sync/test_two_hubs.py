"""Two hubs where one was meant: a station at a hub that is not its own, a second hub on a copied database, and whole machines put back.

Nobody can tell a copy of a database from the database, so nothing is refused at the door: what a station knows more says so. What
counts is that a copy gives nothing out, that nothing is lost on the way there and back, and that whoever looks is told.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.rights.model import Epoch, EpochState, SiteStation, WorkLease
from core.rights.queries import is_recovering
from core.station.line import Standing
from desktop.languages import speaking
from desktop.presenters.line import line_of
from sync.hub.recovery import missing
from sync.hub.witness import FeedWitness, look
from sync.protocol import UNKNOWN_STATION
from tests.support import NOON, SITE
from tests.sync.agreeing import agree
from tests.sync.held import hashes
from tests.sync.released import released_walks, walks
from tests.sync.world import World, world

ORDERS = 3
_NUMBERS = count()


def walks_are_released(it: World) -> None:
    released_walks(it, ORDERS)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub with a walk for each of some orders, and three stations that know of them."""
    with world(tmp_path, stations=3, after=walks_are_released) as made:
        yield made


def copy_of(it: World) -> Path:
    """Return a copy of the hub's database that no later one takes the place of."""
    return it.backup().rename(it.folder / f"copy-{next(_NUMBERS)}.db")


def to(it: World, other: Path) -> Path:
    """Let the stations reach another database than before, and return that one as it is now."""
    left = copy_of(it)
    it.restore(other, told=False)
    return left


def epochs(it: World) -> list[EpochState]:
    return [row.state for row in it.office.it.all(Epoch)]


def settled(it: World) -> None:
    for _ in range(4):
        it.settle()
    assert epochs(it)[-1] is EpochState.OVER
    agree(it)


def test_a_second_hub_on_a_copied_database_gives_nothing_out_and_nothing_is_lost(it: World) -> None:
    one, two, _ = it.members
    copied = copy_of(it)
    it.grant(one, walks(it)[0])
    it.settle()
    one.shop.pick_all()
    it.settle()

    live = to(it, copied)
    one.shop.stock("MUG", "A-1", 7)
    for _ in range(3):
        it.push(one)
        it.pull(one)
    it.lease(one)
    assert epochs(it) == [EpochState.RECOVERING], "who knows more than the copy says so"
    with it.central.begin():
        waits = {each.name for each in missing(it.central, SITE)}
    it.central.rollback()
    assert len(waits) == 2, "it waits for those that are at the other hub"
    assert {row.station for row in it.office.it.all(WorkLease)} <= {one.name}, "and grants nobody anything"
    with one.connection.begin():
        assert is_recovering(one.connection, SITE), "the station can say why it is given no work"

    to(it, live)
    two.shop.stock("MUG", "A-2", 5)
    settled(it)
    assert (it.office.at("MUG", "A-1"), it.office.at("MUG", "A-2")) == (one.shop.at("MUG", "A-1"), 5)
    it.lease(two)
    assert {row.station for row in it.office.it.all(WorkLease)} == {one.name, two.name}


def test_stations_that_reach_now_one_hub_and_now_its_copy_agree_once_one_of_them_is_off(it: World) -> None:
    one, two, three = it.members
    other = copy_of(it)
    for n in range(3):
        one.shop.stock("MUG", "A-1", 1)
        it.push(one)
        it.pull(one)
        other = to(it, other)
        two.shop.stock("MUG", "A-2", 1)
        it.push(two)
        it.pull(two)
        three.shop.stock("CUP", "B-1", n + 1)
        it.push(three)
        other = to(it, other)

    settled(it)

    assert (it.office.at("MUG", "A-2"), it.office.at("CUP", "B-1") - it.members[0].shop.at("CUP", "B-1")) == (3, 0)


def test_a_station_of_another_company_is_told_so_and_nothing_is_changed_on_either_side(
    it: World, tmp_path: Path
) -> None:
    stranger = it.members[2]
    stranger.shop.stock("MUG", "A-1", 1)
    before, waiting = hashes(stranger.connection), len(stranger.unsettled())
    other = tmp_path / "other"
    other.mkdir()
    with world(other, stations=2) as theirs:
        central = hashes(theirs.central)
        for ask in (theirs.push, theirs.pull):
            with pytest.raises(AssertionError, match=UNKNOWN_STATION):
                ask(stranger)
        assert hashes(theirs.central) == central
    assert (hashes(stranger.connection), len(stranger.unsettled())) == (before, waiting)
    settled_again = it.office.at("MUG", "A-1")
    it.settle()
    assert it.office.at("MUG", "A-1") == settled_again + 1


def test_a_machine_that_is_put_back_whole_is_found_out_by_its_hub(it: World) -> None:
    one = it.members[0]
    it.grant(one, *walks(it)[:2])
    it.settle()
    one.put_back()
    kept, saw = one.keep(), one.witness.read()
    one.shop.pick_all()
    it.settle()
    one.put_back(kept, saw=saw)
    one.shop.stock("MUG", "A-1", 2)

    for _ in range(3):
        it.settle()

    assert it.office.it.need(SiteStation, one.name).incarnation == one.identity.incarnation == 2
    assert CaseKind.STATION_RENEWED in {row.kind for row in it.office.it.all(Case)}
    agree(it)


def test_a_hub_whose_machine_is_put_back_whole_hears_it_from_the_first_station_that_knows_more(
    it: World, tmp_path: Path
) -> None:
    one, two, _ = it.members
    witness = FeedWitness(tmp_path / "witness", SITE)
    look(it.hub, SITE, witness, it.clock, it.ids)
    kept, file = it.backup(), (tmp_path / "witness" / f"site-{SITE}.json")
    saw = witness.read()
    it.grant(one, walks(it)[0])
    it.settle()
    look(it.hub, SITE, witness, it.clock, it.ids)

    it.restore(kept, told=False)
    assert saw is not None
    witness.write(saw)
    look(it.hub, SITE, witness, it.clock, it.ids)
    assert epochs(it) == [], "its own witness was put back with it, and sees nothing"
    it.push(two)
    assert epochs(it) == [EpochState.RECOVERING], "but a station does"
    it.lease(two)
    assert {row.station for row in it.office.it.all(WorkLease)} <= {one.name}
    settled(it)
    assert {row.work: row.station for row in it.office.it.all(WorkLease)} == {walks(it)[0]: one.name}
    assert file.exists()


def test_a_station_whose_hub_hears_the_others_first_says_so() -> None:
    told = Standing(hub="http://hub:8700", connected=True, since=NOON, hears=True)
    for language, words in (("en", "The hub hears its stations first"), ("de", "Der Hub hört erst seine Stationen")):
        with speaking(language):
            assert words in line_of(told, NOON).facts
