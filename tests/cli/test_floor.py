"""`dockside hub recall`, `lost`, `revoke` and `floor …` in right and in wrong words: what was asked for happens, or a sentence says why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.catalog.commands import zone_id
from core.catalog.parcel_codes import parcel_code
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import Fulfilment
from core.rights.model import (
    FloorAnswer,
    FloorLine,
    LeaseState,
    SiteStation,
    StationKind,
    StationStatus,
    StationZone,
    WorkLease,
)
from core.shipping.commands import carrier_right
from core.waves.model import Batch
from desktop import hub
from desktop.messages import refusal_words
from sync.hub.configuration import Configuration, HubHome
from sync.hub.opening import Hub
from sync.hub.presence import AWAY_MS, Presence
from tests.catalog.test_parcel_codes import CODE
from tests.cli.commands import Said, Shell
from tests.cli.test_sentences import sentence
from tests.support import SITE
from tests.sync.released import released_walks, walks
from tests.sync.world import World, world


class Office:
    """Whoever works at a hub where a cart, a dock and another cart share a site."""

    def __init__(self, it: World, shell: Shell) -> None:
        self.it, self._shell = it, shell

    def __call__(self, *words: object) -> Said:
        return self._shell("hub", *words)

    def named(self, kind: StationKind) -> SiteStation:
        return next(each for each in self.it.office.it.all(SiteStation) if each.kind is kind)

    def refuses(self, *words: object) -> str:
        """Say something wrong, and return the sentence that says so; nothing is written."""
        before = len(self.it.office.it.all(Operation))
        said = self(*words)
        assert said.code in (1, 2)
        assert len(self.it.office.it.all(Operation)) == before
        return sentence(said.err)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    with world(tmp_path, kinds=(StationKind.CART, StationKind.DOCK)) as it:
        released_walks(it, 2)
        it.grant(it.members[0], *walks(it))
        it.settle()
        running = Hub(HubHome(tmp_path), Configuration(), {SITE: it.hub}, it.center, it.clock, it.ids)

        @contextmanager
        def at_hand(_named: Path | None) -> Iterator[Hub]:
            yield running

        monkeypatch.setattr(hub, "at_hand", at_hand)
        yield Office(it, Shell(tmp_path, capsys))


def test_a_lost_cart_is_looked_for_order_by_order(office: Office) -> None:
    cart = office.named(StationKind.CART)
    assert "Nothing is to be looked for" in office("floor", "list").out
    done = office("lost", cart.name, "--reason", "burnt", "--json")
    assert (done.code, done.data) == (0, {"station": cart.name, "lines": 2})
    assert office.named(StationKind.CART).status is StationStatus.LOST
    lines = office("floor", "list", "--json").data["lines"]
    assert {each["order"] for each in lines} == {"o0", "o1"}
    told = office("floor", "list").out
    assert all(each["line"] in told and each["order"] in told for each in lines)

    assert "Noted: here." in office("floor", "answer", lines[0]["line"], "here").out
    assert office("floor", "answer", lines[1]["line"], "gone", "--json").data["answer"] == "gone"

    assert office("floor", "list", "--json").data == {"lines": []}
    assert {each.answer for each in office.it.office.it.all(FloorLine)} == {FloorAnswer.HERE, FloorAnswer.GONE}


def test_what_a_cart_has_not_begun_is_asked_back_walk_by_walk_or_whole(office: Office) -> None:
    it, cart = office.it, office.named(StationKind.CART)
    first, second = sorted(each.number for each in it.office.it.all(Batch))
    said = office("recall", cart.name, "--walk", first)
    assert "Walks: 1; carriers: 0." in said.out
    assert office("recall", cart.name, "--json").data == {"station": cart.name, "walks": 1, "carriers": 0}
    assert f"holds no walk {first} " in office.refuses("recall", cart.name, "--walk", first), "it was asked for already"
    it.pull(it.members[0])
    it.lease(it.members[0], 0)
    it.settle()

    assert [each for each in it.office.it.all(WorkLease) if each.state is LeaseState.HELD] == []
    assert "holds nothing that it has not begun" in office("recall", cart.name).out
    assert f"holds no walk {second} " in office.refuses("recall", cart.name, "--walk", second)


def test_a_dock_is_asked_for_its_carrier(office: Office) -> None:
    it, dock = office.it, office.named(StationKind.DOCK)
    it.lease(it.members[1])
    it.settle()
    assert "does not have the carrier NOBODY" in office.refuses("recall", dock.name, "--carrier", "NOBODY")
    assert office("recall", dock.name, "--carrier", "HOUSE", "--json").data["carriers"] == 1
    it.pull(it.members[1])
    it.lease(it.members[1], 0)
    it.push(it.members[1])

    assert it.office.it.need(WorkLease, *carrier_right("HOUSE")).state is LeaseState.RELEASED


def test_what_is_no_station_line_or_answer_is_told_and_changes_nothing(office: Office) -> None:
    cart = office.named(StationKind.CART)
    assert office.refuses("lost", "NOBODY", "--reason", "burnt") == "there is no station NOBODY"
    assert office.refuses("revoke", "NOBODY") == "there is no station NOBODY"
    assert office.refuses("recall", "NOBODY") == "there is no station NOBODY"
    assert "Missing option '--reason'" in office.refuses("lost", cart.name)
    assert "site 7 is not this hub's" in office.refuses("lost", cart.name, "--reason", "burnt", "--site", "7")
    office("lost", cart.name, "--reason", "burnt")
    line = office("floor", "list", "--json").data["lines"][0]["line"]
    assert "perhaps is no answer: here, gone or not-found" in office.refuses("floor", "answer", line, "perhaps")
    assert "xyz is no line of the floor list" in office.refuses("floor", "answer", "xyz", "here")
    assert "ff" in office.refuses("floor", "answer", "ff" * 16, "here")


def test_a_line_is_answered_once(office: Office) -> None:
    office("lost", office.named(StationKind.CART).name, "--reason", "burnt")
    line = office("floor", "list", "--json").data["lines"][0]["line"]
    assert office("floor", "answer", line, "here").code == 0

    assert line in office.refuses("floor", "answer", line, "gone")


def test_not_found_waits_until_the_docks_were_heard(office: Office) -> None:
    office("lost", office.named(StationKind.CART).name, "--reason", "burnt")
    line = office("floor", "list", "--json").data["lines"][0]["line"]

    assert office.named(StationKind.DOCK).name in office.refuses("floor", "answer", line, "not-found")
    office.it.settle()
    office.it.settle()
    assert "Noted: not found." in office("floor", "answer", line, "not-found").out


def test_a_dock_is_given_up_only_switched_off(office: Office) -> None:
    dock = office.named(StationKind.DOCK)

    said = office("lost", dock.name, "--reason", "stolen")

    assert said.code == 2
    assert refusal_words(Refusal(Reason.DOCK_STILL_ON, {"station": dock.name})) == sentence(said.err)
    assert office.named(StationKind.DOCK).status is StationStatus.ACTIVE
    assert office("lost", dock.name, "--reason", "stolen", "--switched-off").code == 0
    assert office.named(StationKind.DOCK).status is StationStatus.LOST


def test_a_dock_is_taken_out_only_switched_off(office: Office) -> None:
    dock = office.named(StationKind.DOCK)
    words = refusal_words(Refusal(Reason.DOCK_STILL_ON, {"station": dock.name}))
    assert sentence(office("revoke", dock.name).err) == words
    assert sentence(office("lost", dock.name, "--reason", "  ", "--switched-off").err) == "Say why."
    assert office.named(StationKind.DOCK).status is StationStatus.ACTIVE
    assert office("revoke", dock.name, "--switched-off").code == 0
    assert office.named(StationKind.DOCK).status is StationStatus.REVOKED


def test_a_station_is_taken_out_and_its_work_is_looked_for(office: Office) -> None:
    cart = office.named(StationKind.CART)

    assert "takes no part any more. 2 orders are to be looked for" in office("revoke", cart.name).out
    for words in (("revoke", cart.name), ("lost", cart.name, "--reason", "burnt")):
        said = office(*words)
        assert (said.code, "takes no part any more" in sentence(said.err)) == (2, True)

    assert office.named(StationKind.CART).status is StationStatus.REVOKED
    assert len(office("floor", "list", "--json").data["lines"]) == 2


def test_a_box_is_found_by_its_label_and_by_nothing_else(office: Office) -> None:
    part = office.it.office.it.all(Fulfilment)[0]
    label = parcel_code(replace(CODE, site=SITE, fulfilment=part.id))
    assert "square code" in office.refuses("floor", "found", "TOTE-7")
    unknown = parcel_code(replace(CODE, site=SITE))
    said = office.refuses("floor", "found", unknown)
    assert said == refusal_words(Refusal(Reason.NOT_FOUND, {"got": CODE.sscc}))

    done = office("floor", "found", label, "--json")
    assert (done.code, done.data) == (0, {"label": CODE.sscc})
    (line,) = office.it.office.it.all(FloorLine)
    assert (line.answer, line.station, line.fulfilment, line.parcel) == (
        FloorAnswer.HERE, CODE.station, part.id, CODE.parcel,
    )  # fmt: skip


def test_the_status_tells_line_by_line_what_is_to_be_looked_for(office: Office) -> None:
    assert office("status").code == 0
    office("lost", office.named(StationKind.CART).name, "--reason", "burnt")
    said = office("status")
    assert said.code == 1
    assert "dockside hub floor answer LINE here|gone|not-found --site 1" in said.out
    for line in office("floor", "list", "--json").data["lines"]:
        assert f"{line['line']}  {line['order']}, was with S-1 to pick" in said.out


def test_a_cart_works_the_zones_that_are_said_and_all_of_them_otherwise(office: Office) -> None:
    cart, dock = office.named(StationKind.CART), office.named(StationKind.DOCK)
    done = office("station", "zones", cart.name, "--zone", "B", "--zone", "A", "--json")
    assert (done.code, done.data) == (0, {"station": cart.name, "zones": ["A", "B"], "asked_back": 0})
    assert f"{cart.name} (cart, zones A, B): heard" in office("status").out
    assert {each.zone for each in office.it.office.it.all(StationZone)} == {zone_id("A"), zone_id("B")}

    assert office.refuses("station", "zones", "NOBODY", "--zone", "A") == "site 1 has no station NOBODY that picks"
    assert "that picks" in office.refuses("station", "zones", dock.name, "--zone", "A")
    assert office.refuses("station", "zones", cart.name, "--zone", "X", "--zone", "A") == "site 1 has no zone X"

    assert "works every zone" in office("station", "zones", cart.name).out
    assert office.it.office.it.all(StationZone) == []


def test_a_person_says_that_the_machine_was_not_put_back(office: Office) -> None:
    assert office("vouch").out.strip() == "Nothing was in doubt."
    for _ in range(2):
        Presence(office.it.hub, SITE, office.it.clock).note()
        office.it.clock.tick(AWAY_MS + 1)

    assert office("vouch").out.strip() == "The hub gives out work and carriers."
    assert office("vouch", "--json").out.strip() == '{"doubted": false}'
