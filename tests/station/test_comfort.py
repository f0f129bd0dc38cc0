"""How somebody likes the screen is asked, kept with them alone, and follows the badge."""

from pathlib import Path

import pytest

import core.station.comfort
from core.kernel.flow import Verb
from core.kernel.reasons import Reason
from core.people.commands import TEXT_SIZES, SetComfort
from core.people.model import Comfort
from core.station.comfort import Choose, ComfortFlow
from core.station.flows import all_flows
from tests.diagrams import drawn, walked
from tests.packing.arrange import BENCH, packing_shop
from tests.playbook import Desk
from tests.station.desk import FakeDesk
from tests.station.people import AYLIN, MARA, PEOPLE, hire, station
from tests.support import SITE, bench


def test_text_and_gloves_are_chosen_and_follow_the_badge(tmp_path: Path) -> None:
    with packing_shop(tmp_path) as it, station(it) as d:
        d.take("BADGE-MARA")
        d.go("comfort")
        assert d.state == Choose("home", 100, 0, 0)
        d.take((Verb.QTY, "2"))
        assert d.state == Choose("home", TEXT_SIZES[1], 0, 1)
        d.take((Verb.QTY, "4"), (Verb.QTY, "3"))
        assert d.state == Choose("home", TEXT_SIZES[2], 1, 3)
        assert (d._station.operator.text_percent, d._station.operator.gloves) == (TEXT_SIZES[2], 1)

        d.take(Verb.NO, "BADGE-TOM")
        assert (d._station.operator.text_percent, d._station.operator.gloves) == (100, 0)
        d.take("BADGE-MARA")
        assert (d._station.operator.text_percent, d._station.operator.gloves) == (TEXT_SIZES[2], 1)
        assert [row.person for row in it.it.all(Comfort)] == [MARA]


@pytest.mark.parametrize(("verb", "argument"), [(Verb.QTY, "5"), (Verb.QTY, "0"), (Verb.QTY, "x"), (Verb.SHORT, ""), (Verb.CONFIRM, "")])  # fmt: skip
def test_what_is_no_answer_changes_nothing(tmp_path: Path, verb: Verb, argument: str) -> None:
    with packing_shop(tmp_path) as it, station(it) as d:
        d.take("BADGE-MARA")
        d.go("comfort")
        before = d.state
        assert d.refuses((verb, argument) if argument else verb)[0] is Reason.COMMAND_NOT_NOW
        assert d.state == before
        assert it.it.all(Comfort) == []


def test_nobody_sets_the_screen_of_somebody_else_or_to_a_size_there_is_not(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        base = it.base(MARA)
        for changes, reason in (
            ({"person": AYLIN}, Reason.NOT_ALLOWED),
            ({"text_percent": 90}, Reason.NOT_A_QUANTITY),
            ({"gloves": 2}, Reason.NOT_A_QUANTITY),
            ({"base_version": 7}, Reason.CHANGED_MEANWHILE),
        ):
            said = {"person": MARA, "text_percent": 125, "gloves": 1, "base_version": 0} | changes
            assert it.refuse(SetComfort(**base, **said)).reason is reason
        assert it.all(Comfort) == []
        it.run(SetComfort(**it.base(MARA), person=MARA, text_percent=125, gloves=1, base_version=0))
        assert it.all(Comfort) == [Comfort(SITE, MARA, 125, 1, 1)]


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(ComfortFlow())
    with packing_shop(tmp_path) as it:
        for person in PEOPLE:
            hire(it, person)
        d = Desk(it.it, {**all_flows(FakeDesk()), "comfort": flow}, begin="sign_in", place=BENCH, people=True)
        d.take("BADGE-MARA")
        d.go("comfort")
        d.take((Verb.QTY, "1"), Verb.NO)
        assert d._station.flow == "home"
        d.switch_off()
    # Where it ends is another flow's step.
    assert pairs == {(a, b) for a, b in drawn(core.station.comfort) if " " not in b}
