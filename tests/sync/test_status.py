"""How a hub is: well only where nothing at any site has to be looked at, whichever way it is asked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.cases.commands import CloseCase, OpenCase
from core.cases.model import RED, Case, CaseKind
from sync.hub.page import status_page, summary
from sync.hub.status import HubStatus, hub_status, site_status
from tests.support import SITE
from tests.sync.test_receiving import push_of
from tests.sync.world import World, world


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("hub")) as made:
        made.settle()
        yield made


def status(it: World, *notes: str, remarks: tuple[str, ...] = ()) -> HubStatus:
    return hub_status({SITE: it.hub}, it.clock.now_ms(), notes, remarks)


def test_a_case_that_can_wait_leaves_it_well_and_one_that_cannot_does_not_until_it_is_settled(it: World) -> None:
    it.office.it.run(OpenCase(**it.office.it.base(), kind=CaseKind.CALL))
    assert status(it).well
    for kind in sorted(RED):
        it.office.it.run(OpenCase(**it.office.it.base(), kind=kind))
        found = status(it)
        assert (found.well, found.to_json()["well"], found.to_json()["sites"][0]["red"]) == (False, False, {kind: 1})
        assert f"to be settled at once: 1 {kind.replace('_', ' ')}" in status_page(found)
        case = next(row for row in it.office.it.all(Case) if row.kind is kind)
        it.office.it.run(CloseCase(**it.office.it.base(), case=case.id, decision="seen"))
        assert status(it).well


def test_a_station_that_is_stopped_is_to_be_looked_at(it: World) -> None:
    name = it.members[1].name
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE site_station SET status = 'frozen' WHERE id = ?", (name,))
    found = status(it)
    assert not found.well
    assert "two files speak as S-2" in status_page(found)
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE site_station SET status = 'active' WHERE id = ?", (name,))
    assert status(it).well


def test_a_note_is_to_be_looked_at_and_what_somebody_set_up_so_is_not(it: World) -> None:
    assert not status(it, "The planner stopped.").well
    told = status(it, remarks=("It listens beyond this machine.",))
    assert told.well
    assert told.to_json()["remarks"] == ["It listens beyond this machine."]
    assert "It listens beyond this machine." in status_page(told)


def test_an_empty_site_is_told_how_its_first_station_is_added(tmp_path: Path) -> None:
    with world(tmp_path, stations=1) as made:
        with made.central.begin():
            made.central.exec_driver_sql("DELETE FROM site_station")
        page = status_page(status(made))
    assert "dockside hub station add NAME --kind cart|bench|dock|desk --site 1" in page


@pytest.mark.parametrize(("ahead_ms", "words"), [(7_200_000, "2 hours ahead"), (-400_000, "6 minutes behind")])
def test_a_clock_that_is_wrong_is_named_and_one_that_is_nearly_right_is_not(
    tmp_path: Path, ahead_ms: int, words: str
) -> None:
    with world(tmp_path, stations=1) as made:
        one = made.members[0]
        for ahead, well in ((200_000, True), (ahead_ms, False), (0, True)):
            # A push that says nothing of a clock is of a station that does not say it.
            at = made.clock.now_ms() + ahead
            made.center.push(replace(push_of(one), log_length=0, at=at))
            with made.central.begin():
                status = site_status(made.central, SITE)
            assert status.well is well
            assert (f"the clock of S-1 is {words}: set it" in summary(status)) is not well
