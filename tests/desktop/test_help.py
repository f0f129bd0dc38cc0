"""Help shows the work of the bench as pictures, with the present step lit and the item that is meant."""

from dataclasses import replace

import pytest

from core.kernel.flow import Expect
from core.picking.states import GoToLocation, TakeItem
from core.station.flows import all_flows
from desktop.helping import Help, help_for
from desktop.present import present
from desktop.widgets.icons import GLYPHS
from tests.picking.test_flow import VIEW
from tests.station.desk import FakeDesk

PICTURED = replace(VIEW, picture="digest")


def lit(shown: Help) -> list[str]:
    return [each.kind for each in shown.steps if each.now]


@pytest.mark.parametrize(
    ("state", "kind"), [(GoToLocation(PICTURED), "location"), (TakeItem(PICTURED), "item")], ids=["go", "take"]
)
def test_the_present_step_is_lit_and_the_item_is_shown_as_it_looks(state: object, kind: str) -> None:
    shown = help_for(present(state), (Expect(kind, "X", "next"), Expect("key", "UNDO", "undo")), "pick")

    assert [each.kind for each in shown.steps] == ["cart", "location", "item", "tote"]
    assert lit(shown) == [kind]
    assert {each.picture for each in shown.steps if each.kind == "item"} == {"digest"}
    assert {each.picture for each in shown.steps if each.kind != "item"} == {""}


def test_a_question_lights_no_step() -> None:
    assert lit(help_for(present(TakeItem(PICTURED)), (Expect("key", "YES", "next"),), "pick")) == []


@pytest.mark.parametrize("flow", all_flows(FakeDesk()))
def test_every_step_has_an_icon_and_a_word(flow: str) -> None:
    for step in help_for(present(TakeItem(VIEW)), (), flow).steps:
        assert step.kind in GLYPHS
        assert step.words
