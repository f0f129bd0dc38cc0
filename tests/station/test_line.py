"""The line to the hub as IT and the window's row see it: what it says, to whom, and that a station that is alone has none."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from core.kernel.flow import Ask, Go, Refuse, Verb
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.flows import all_flows
from core.station.line import AskLine, LineFlow, LookAtLine, ShowLine, Standing, Trouble
from core.station.menu import LINE, open_menu
from desktop.languages import plain, speaking
from desktop.line_words import LINE_PARTS, LINE_REMEDIES, LINE_TROUBLES, REFUSED
from desktop.present import present
from desktop.presenters.line import line_of
from desktop.screens import Outcome
from sync.protocol import REASONS
from sync.station import running
from tests.playbook import context, pressed, scanned
from tests.station.desk import FakeDesk
from tests.station.menus import inside
from tests.support import NOON

IT = context(roles="it")
AWAY = (Trouble("push", "unreachable", "ConnectError", final=False),)
TOLD = Standing(hub="http://hub:8700", connected=True, since=NOON - 600_000, held_seconds=3_500, cursor=7, head=9)


@dataclass
class Desk:
    """A desk that knows how it is."""

    standing: Standing = TOLD

    def stand(self, connection: sa.Connection) -> Standing:
        return self.standing


def test_it_looks_as_often_as_it_wants_and_goes_back() -> None:
    desk = Desk()
    ask = AskLine(desk)
    begun = LineFlow(desk).begin("", NOON, b"c" * 16, IT)
    assert (begun.state, begun.effects) == (LookAtLine(), (Ask(ask),))
    flow = LineFlow(desk)
    again = flow.handle(ShowLine(TOLD), pressed(Verb.CONFIRM), IT)
    assert (again.state, again.effects) == (LookAtLine(), (Ask(ask),))
    back = flow.handle(ShowLine(TOLD), pressed(Verb.NO), IT)
    assert back.effects == (Go("home"),)
    wrong = flow.handle(ShowLine(TOLD), scanned(), IT)
    assert wrong.effects == (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),)
    assert [each.code for each in flow.expects(ShowLine(TOLD))] == ["CONFIRM", "NO"]


def test_whose_business_it_is_not_is_sent_home() -> None:
    step = LineFlow(Desk()).begin("", NOON, b"c" * 16, context(roles="picker"))
    assert step.effects == (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home"))


def test_only_a_station_that_shares_its_site_offers_the_screen() -> None:
    assert LINE not in all_flows(FakeDesk())
    assert LINE in all_flows(FakeDesk(), Desk())
    assert LINE not in open_menu("", IT, shared=False).jobs
    assert LINE in inside(open_menu("", IT, shared=True))
    assert LINE not in open_menu("", context(roles="picker"), shared=True).jobs


@pytest.mark.parametrize(
    ("standing", "outcome", "words"),
    [
        (TOLD, Outcome.ACCEPT, ("Connected", "nothing waits", "work for 58 min")),
        (
            replace(TOLD, connected=False, waiting=1, troubles=AWAY),
            Outcome.CAUTION,
            ("Without the hub for 10 min", "1 step waits to be sent", "work for 58 min"),
        ),
        (
            replace(TOLD, connected=False, since=NOON - 20_000, held_seconds=59),
            Outcome.CAUTION,
            ("Without the hub for under 1 min", "nothing waits", "work for under 1 min"),
        ),
        (replace(TOLD, held_seconds=0), Outcome.ACCEPT, ("Connected", "nothing waits", "no work held")),
        (
            replace(TOLD, connected=False, since=NOON - 7_200_000, waiting=212, held_seconds=None),
            Outcome.CAUTION,
            ("Without the hub since 10:00", "212 steps wait to be sent"),
        ),
        (
            replace(TOLD, loading=430, held_seconds=None),
            Outcome.INFO,
            ("Loading the site: 43 %", "nothing waits"),
        ),
        (
            replace(TOLD, troubles=(*AWAY, Trouble("pull", "other_file", "48", final=True))),
            Outcome.REFUSE,
            (LINE_TROUBLES["other_file"], "Call IT.", "nothing waits"),
        ),
    ],
)
def test_the_row_says_connected_or_since_when_not_what_waits_and_how_long_work_lasts(
    standing: Standing, outcome: Outcome, words: tuple[str, ...]
) -> None:
    line = line_of(standing, NOON)
    assert (line.outcome, (line.words, *line.facts)) == (outcome, words)


def test_the_screen_says_what_to_do_and_how_far_the_clock_is_off() -> None:
    standing = replace(TOLD, connected=False, waiting=212, oldest_at=NOON - 60_000, offset_ms=190_000, troubles=AWAY)
    screen = present(ShowLine(standing), NOON)
    assert screen.detail == LINE_REMEDIES["unreachable"]
    facts = {each.name: each.value for each in screen.proof.facts}  # type: ignore[union-attr]
    assert facts == {
        "Hub": "hub:8700", "Waiting": "212", "Oldest": "1 min ago", "Taken": "7", "Behind": "2 rows",
        "Clock": "3 min ahead", "Work for": "58 min",
    }  # fmt: skip
    with speaking("ar"):
        assert "10:00" in plain(line_of(replace(standing, since=NOON - 7_200_000), NOON).words)


def test_a_clock_that_is_minutes_off_is_to_be_set() -> None:
    for minutes, remedy in ((4, "Nothing is to be done."), (6, "Set this PC's clock"), (-90, "Set this PC's clock")):
        screen = present(ShowLine(replace(TOLD, offset_ms=minutes * 60_000)), NOON)
        assert screen.detail.startswith(remedy)


def test_every_reason_has_words_and_a_remedy() -> None:
    own = {running.UNREACHABLE, running.BROKEN_FEED, running.DISK, running.OTHER_FILE, running.MISTAKE}
    joining = {"name_taken", "kind_needed", "site_needed"}
    unknown = {REFUSED}
    assert own | unknown | set(REASONS) - joining == set(LINE_TROUBLES) == set(LINE_REMEDIES)


def test_a_reason_of_a_newer_hub_is_no_silence_of_the_hub() -> None:
    trouble = Trouble("push", "not_in_this_program", "", final=False)
    screen = present(ShowLine(replace(TOLD, troubles=(trouble,))), NOON)
    assert screen.detail == LINE_REMEDIES[REFUSED]


def test_every_part_of_the_line_has_a_name_for_the_screen() -> None:
    engines = running.Engines(SimpleNamespace(me=None, shelf=object()))  # type: ignore[arg-type]
    engines._loop.close()
    assert {each.name for each in engines._rounds} == set(LINE_PARTS)


def test_cases_that_wait_are_told_on_the_screen_and_lead_there() -> None:
    standing = replace(TOLD, cases=3, red=1)
    screen = present(ShowLine(standing), NOON)
    assert [each.key for each in screen.answers] == ["CONFIRM", "QTY-1", "NO"]
    assert line_of(standing, NOON).facts[-1] == "1 case cannot wait"
    step = LineFlow(Desk()).handle(ShowLine(standing), pressed(Verb.QTY, "1"), IT)
    assert step.effects == (Go("cases"),)
