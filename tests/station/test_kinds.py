"""What a station is there for decides what it offers and takes: carts pick, benches pack, docks load, a desk does all of it."""

from itertools import chain
from typing import Any, cast

import pytest

from core.kernel.flow import Candidate, CodeKind, Refuse
from core.kernel.reasons import Reason
from core.rights.model import StationKind
from core.station.flows import all_flows
from core.station.home import Home, HomeFlow
from core.station.home_queries import HomeView
from core.station.menu import FLOOR_OF, left_to_others, open_menu
from desktop.player import Player
from tests.playbook import context, scanned
from tests.station.desk import FakeDesk
from tests.station.menus import inside

FLOOR = set(chain(*FLOOR_OF.values()))
LEAD = context(roles="picker,packer,loader,lead,inventory,it")


@pytest.mark.parametrize("kind", [None, *StationKind])
def test_a_station_has_and_offers_the_flows_of_its_kind_alone(kind: StationKind | None) -> None:
    mine = set(FLOOR_OF[kind]) if kind in FLOOR_OF else FLOOR
    others = left_to_others(kind)

    assert set(all_flows(FakeDesk(), kind=kind)) & FLOOR == mine
    found, whole = open_menu("", LEAD, shared=True, others=others), open_menu("", LEAD, shared=True)
    assert inside(found) & FLOOR == mine
    assert inside(found) - FLOOR == inside(whole) - FLOOR


@pytest.mark.parametrize("kind", sorted(FLOOR_OF))
def test_a_code_that_begins_what_another_station_does_is_refused_in_words(kind: StationKind) -> None:
    codes = {CodeKind.CART: "pick", CodeKind.TOTE: "pack", CodeKind.MANIFEST: "dispatch"}
    for code, flow in codes.items():
        flow_of_home = HomeFlow(shared=True, others=left_to_others(kind))
        step = flow_of_home.handle(Home(HomeView()), scanned(_one(code)), LEAD)
        refused = [each.refusal.reason for each in step.effects if isinstance(each, Refuse)]
        assert refused == ([] if flow in FLOOR_OF[kind] else [Reason.OTHER_STATIONS])


def _one(kind: CodeKind) -> Candidate:
    return Candidate(kind=kind, target=b"x" * 16, code="X-1", label="X-1")


class _Idle:
    """A station at which there is never anything to do."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._at = "sign_in"

    def start(self) -> dict[str, Any]:
        return self._told("ScanBadge")

    def perform(self, line: Any) -> dict[str, Any]:
        self.heard.append(line.verb)
        self._at = "pick" if line.verb == "open" else "home"
        return self._told("NoWork" if line.verb == "open" else "Home")

    def _told(self, state: str) -> dict[str, Any]:
        return {"flow": self._at, "state": state, "outcome": "accepted", "expects": [], "note": None, "reason": ""}


def test_whoever_plays_one_part_signs_in_once_however_often_it_is_looked_for_work() -> None:
    idle = _Idle()
    player = Player(
        cast("Any", idle), seed=1, rate=0, plan=lambda: 0, badges={"pick": "BADGE-MARA"}, empty_tote=lambda: "",
        report=lambda _told: None, goes_on=lambda rounds: rounds < 40,
    )  # fmt: skip
    player.play()
    assert idle.heard == ["badge", *["open"] * 40]
