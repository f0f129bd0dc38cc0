"""Releasing at a station that is alone: who may, what goes up to which cut-off, and what came of it; scans go on meanwhile."""

from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from core.kernel.flow import Answered, Go, Play, Refuse, Start, Step, Tone, Verb
from core.kernel.ids import PersonId, SessionId
from core.station.flows import all_flows
from core.station.menu import RELEASE, open_menu
from core.station.releasing import (
    AskReady,
    LookAtReady,
    Release,
    ReleaseFlow,
    Releasing,
    ShowBroken,
    ShowReady,
    ShowReleased,
)
from core.waves.planning import Planned
from core.waves.queries import ReadyOrders
from core.waves.release import Filters
from desktop.languages import day as language_day
from desktop.languages import isolated, plain
from desktop.presenters.words import present
from desktop.proofs import Hero
from tests.playbook import context, pressed
from tests.station.desk import FakeDesk
from tests.station.menus import inside
from tests.support import NOON, SITE

LEAD = context(roles="lead")
READY = (ReadyOrders(100, 3, 9), ReadyOrders(200, 2, 4), ReadyOrders(300, 5, 5), ReadyOrders(0, 1, 1))
DONE = Planned(promised_lines=0, waiting_lines=2, released_orders=11, batches=3, unreleased=1)


@dataclass
class FakeReleases:
    """A desk that releases nothing."""

    stands: Release | None = None
    begun: list[Filters] = field(default_factory=list)

    def begin(self, filters: Filters, *, actor: PersonId, session: SessionId) -> None:
        self.begun.append(filters)
        self.stands = Release()

    def stand(self) -> Release | None:
        return self.stands


def _answered(desk: FakeReleases, ready: tuple[ReadyOrders, ...] = READY) -> Answered:
    return Answered(AskReady(desk, SITE), (ready, desk.stand()), NOON, b"a" * 16)


def _begin(desk: FakeReleases, step: Step) -> Step:
    """Do what a step starts, and answer what it asks."""
    for each in step.effects:
        if isinstance(each, Start):
            each.work.start()
    return ReleaseFlow(desk).handle(step.state, _answered(desk), LEAD)


def test_all_go_by_one_key_and_what_came_of_it_is_told() -> None:
    desk = FakeReleases()
    flow = ReleaseFlow(desk)
    shown = _begin(desk, flow.begin("", NOON, b"c" * 16, LEAD))
    assert shown.state == ShowReady(READY)

    going = flow.handle(shown.state, pressed(Verb.CONFIRM), LEAD)
    assert Play(Tone.ACCEPT) in going.effects
    assert _begin(desk, going).state == Releasing()
    assert desk.begun == [Filters()]

    desk.stands = Release(DONE)
    over = flow.handle(LookAtReady(), _answered(desk, ()), LEAD)
    assert over.state == ShowReleased(DONE)
    desk.stands = None
    assert _begin(desk, flow.handle(over.state, pressed(Verb.CONFIRM), LEAD)).state == ShowReady(READY)


def test_what_broke_off_is_told_and_looked_at_again() -> None:
    desk = FakeReleases(Release(fault="no space left"))
    flow = ReleaseFlow(desk)
    told = flow.handle(LookAtReady(), _answered(desk, ()), LEAD)
    assert told.state == ShowBroken("no space left")
    screen = present(told.state)
    assert screen.proof == Hero(isolated("no space left"))
    assert [each.key for each in screen.answers] == ["CONFIRM", "NO"]
    desk.stands = None
    assert _begin(desk, flow.handle(told.state, pressed(Verb.CONFIRM), LEAD)).state == ShowReady(READY)


def test_while_orders_go_nobody_looks_what_else_may_go() -> None:
    nowhere = sa.create_engine("sqlite://").connect()
    assert AskReady(FakeReleases(Release()), SITE).run(nowhere) == ((), Release())


def test_a_cut_off_of_another_day_says_its_day() -> None:
    day = 86_400_000
    ready = (ReadyOrders(NOON, 1, 1), ReadyOrders(NOON + day, 1, 1), ReadyOrders(0, 1, 1))
    words = [plain(each.words) for each in present(ShowReady(ready), NOON).answers][1:3]
    assert words[0] != words[1]
    assert plain(language_day(NOON + day)) in words[1]


@pytest.mark.parametrize(("digit", "until"), [("1", 100), ("2", 200), ("3", 300)])
def test_what_is_due_goes_alone(digit: str, until: int) -> None:
    desk = FakeReleases()
    _begin(desk, ReleaseFlow(desk).handle(ShowReady(READY), pressed(Verb.QTY, digit), LEAD))
    assert desk.begun == [Filters(cut_off_until=until)]


def test_a_cut_off_is_offered_with_all_that_is_due_before_it_and_never_as_a_second_word_for_all() -> None:
    assert ShowReady(READY).until == (ReadyOrders(100, 3, 9), ReadyOrders(200, 5, 13), ReadyOrders(300, 10, 18))
    assert ShowReady(READY[:2]).until == (ReadyOrders(100, 3, 9),)
    assert ShowReady(READY[:1]).until == ()
    assert [each.key for each in present(ShowReady(READY[:1])).answers] == ["CONFIRM", "NO"]


def test_where_nothing_may_go_nothing_is_offered() -> None:
    desk = FakeReleases()
    step = ReleaseFlow(desk).handle(ShowReady(()), pressed(Verb.CONFIRM), LEAD)
    assert [type(each) for each in step.effects] == [Refuse]
    assert desk.begun == []
    assert [each.key for each in present(ShowReady(())).answers] == ["NO"]


@pytest.mark.parametrize("role", ["picker", "packer", "loader", "it", "auditor"])
def test_who_may_not_release_is_not_offered_it_and_not_let_in(role: str) -> None:
    assert RELEASE not in inside(open_menu("", context(roles=role), shared=False))
    step = ReleaseFlow(FakeReleases()).begin("", NOON, b"c" * 16, context(roles=role))
    assert [type(each) for each in step.effects] == [Refuse, Go]


def test_where_a_hub_releases_nobody_else_does() -> None:
    assert RELEASE in inside(open_menu("", LEAD, shared=False))
    assert RELEASE not in inside(open_menu("", LEAD, shared=True))
    assert RELEASE not in all_flows(FakeDesk())
    assert RELEASE in all_flows(FakeDesk(), releases=FakeReleases())
