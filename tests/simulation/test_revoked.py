"""A day on which a station is taken out: what it still says changes nothing, and what it had is done by the others."""

from collections.abc import Iterator

import pytest

from core.kernel.operations import Operation
from core.rights.losing import RevokeStation
from core.rights.model import OperationReceipt, SiteStation, StationStatus
from sync.hub.reclaim import look_for_lost_work
from sync.protocol import SentReceipt
from tests.simulation.dst.day import Day
from tests.simulation.dst.plan import Event, Schedule
from tests.simulation.dst.site import Site, Templates, fast_folder
from tests.support import SITE
from tests.sync.held import confirmed_rows

NAMES = ("cart-1", "cart-2", "bench-1", "dock-1")
MORNING: tuple[Event, ...] = (
    ("goods", 0, 0, 12), ("goods", 1, 1, 12), ("order", [[0, 2], [1, 1]]), ("order", [[1, 2]]), ("plan", 4),
    *(("round", name) for name in NAMES), ("work", "cart-1", 3, 5), ("round", "cart-1"), ("offline", "cart-1"),
    ("work", "cart-1", 6, 5),
)  # fmt: skip


class Quarantined(Day):
    """A day at whose end what a station said that was taken out lies at the hub, for a person to look at."""

    def _waiting(self) -> dict[str, list[str]]:
        waiting = super()._waiting()
        hub = [each for each in waiting.pop("hub", []) if not each.endswith(" parked")]
        return waiting | ({"hub": hub} if hub else {})


@pytest.fixture
def site() -> Iterator[tuple[Site, Schedule]]:
    schedule = Schedule(2, 1, 1, MORNING)
    with fast_folder() as folder, Templates(folder).site(schedule) as made:
        yield made, schedule


def take_out(site: Site, name: str) -> None:
    """Let the office take a station out."""
    hub, machine = site.hub, site.machines[name]
    made = hub.center.run(
        RevokeStation(**hub.office.it.base(), station=machine.station, switched_off=int(name.startswith("dock")))
    )
    assert isinstance(made, SentReceipt)
    look_for_lost_work(hub.central, SITE, hub.clock, hub.time)
    site.hall.forgotten = True


def unheard(site: Site, name: str) -> list[str]:
    """Return the kinds of a station's operations that the hub has not got."""
    machine = site.machines[name]
    there = {row.operation for row in site.hub.office.it.all(OperationReceipt)}
    mine = (row for row in machine.bench.all(Operation) if row.station == machine.station)
    return [row.kind for row in mine if row.id not in there]


@pytest.mark.nightly
def test_what_it_still_says_changes_nothing_and_the_others_finish_the_day(site: tuple[Site, Schedule]) -> None:
    (made, schedule), name = site, "cart-1"
    day = Quarantined(made, schedule)
    for event in schedule.events:
        day.happen(event)
    assert len(unheard(made, name)) > 1
    take_out(made, name)
    before = confirmed_rows(made.hub.central)

    day.happen(("online", name))
    day.happen(("round", name))
    assert unheard(made, name) == []
    assert confirmed_rows(made.hub.central) == before

    day.happen(("dead", name))
    day.heal()
    day.finish()
    day.compare()
    assert day.result.wrong == []
    carts = [row.incarnation for row in made.hub.office.it.all(SiteStation) if row.status is StationStatus.REVOKED]
    assert carts == [1]
