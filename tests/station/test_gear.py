"""The screen of the devices as a conversation: looked at, a scanner learnt, stored scans taken or discarded, all checked."""

from dataclasses import dataclass, field, replace

import pytest

from core.cases.commands import OpenCase, SettleScan
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.cases.queries import AskStored, StoredScan
from core.kernel.executor import Done, Failed
from core.kernel.flow import Answered, Ask, Go, Play, Refuse, Run, Start, Take, Tone, Verb
from core.kernel.ids import CaseId, CommandId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.gear import (
    AskDevices,
    Checks,
    ChooseScanner,
    DeviceSeen,
    Examine,
    GearFlow,
    Learn,
    Learning,
    LookAtDevices,
    ScanSheet,
    Settling,
    ShowChecks,
    ShowDevices,
    ShowStored,
    again,
)
from tests.playbook import Playbook, context, pressed, scanned
from tests.support import NOON, SITE, STATION, Bench, bench

ONE = DeviceSeen(name="scanner-1", kind="scanner", can_learn=True)
TWO = replace(ONE, name="scanner-2")
IT, PICKER = context(roles="it"), context(roles="picker")
SCAN = StoredScan(case=CaseId(b"case-of-one-scan"), code="MUG", device="cordless", trusted=True, at=NOON)


@dataclass
class Desk:
    """A desk that keeps what it was asked."""

    seen: tuple[DeviceSeen, ...] = (ONE,)
    lesson: Learning = field(default_factory=lambda: Learning(scanner="scanner-1", scanned=3, of=8))
    found: Checks = field(default_factory=Checks)

    def devices(self) -> tuple[DeviceSeen, ...]:
        return self.seen

    def learn(self, scanner: str) -> None:
        raise AssertionError("a flow starts nothing itself")

    def learning(self) -> Learning:
        return self.lesson

    def examine(self) -> None:
        raise AssertionError("a flow starts nothing itself")

    def checks(self) -> Checks:
        return self.found


def shown(*devices: DeviceSeen, stored: int = 0, may_set_up: bool = True) -> ShowDevices:
    return ShowDevices("pick", devices, stored, may_set_up)


def at(state: object, where=IT, desk: Desk | None = None) -> Playbook:  # type: ignore[no-untyped-def]
    return Playbook(GearFlow(desk or Desk()), where, state)


def ask_devices(effect: object) -> bool:
    return isinstance(effect, Ask) and isinstance(effect.query, AskDevices)


def ask_stored(effect: object) -> bool:
    return isinstance(effect, Ask) and isinstance(effect.query, AskStored)


def looked(answer: object, where=IT) -> object:  # type: ignore[no-untyped-def]
    """Return what is shown once the devices were looked at."""
    flow = GearFlow(Desk())
    begun = flow.begin("pick", NOON, CommandId(b"c" * 16), where)
    (ask,) = begun.effects
    assert isinstance(ask, Ask)
    return flow.handle(begun.state, Answered(ask.query, answer, NOON, CommandId(b"c" * 16)), where).state


def test_it_looks_and_leads_back_to_where_it_was_opened() -> None:
    begun = GearFlow(Desk()).begin("pick", NOON, CommandId(b"c" * 16), IT)
    assert begun.state == LookAtDevices("pick")
    assert looked(((ONE,), 2)) == shown(ONE, stored=2)
    (at(shown(ONE)) >> pressed(Verb.NO) << Go("pick")).ends(ShowDevices)


def test_only_whoever_may_set_stations_up_learns_a_scanner() -> None:
    assert looked(((ONE,), 0), PICKER) == shown(ONE, may_set_up=False)
    (at(shown(ONE, may_set_up=False)) >> pressed(Verb.QTY, "2")).refuses(Reason.COMMAND_NOT_NOW).ends(ShowDevices)


def test_of_several_scanners_one_is_chosen_and_its_sheet_scanned_again_or_left() -> None:
    desk = Desk()
    (at(shown(ONE, TWO), desk=desk) >> pressed(Verb.QTY, "2") << Go("fitting", "pick")).ends(ShowDevices)
    both = GearFlow(Desk((ONE, TWO))).begin("pick learn", NOON, CommandId(b"c" * 16), IT)
    assert both.state == ChooseScanner("pick", ("scanner-1", "scanner-2"))
    alone = GearFlow(desk).begin("pick learn", NOON, CommandId(b"c" * 16), IT)
    assert alone.state == ScanSheet("pick", Learning(scanner="scanner-1"))
    named = GearFlow(desk).begin("pick learn scanner-9", NOON, CommandId(b"c" * 16), IT)
    assert named.effects == (Start(Learn(desk, "scanner-9")),)
    sheet = ScanSheet("pick", Learning(scanner="scanner-2"))
    chosen = at(ChooseScanner("pick", ("scanner-1", "scanner-2")), desk=desk) >> pressed(Verb.QTY, "2")
    (chosen << Start(Learn(desk, "scanner-2"))).ends(sheet)
    (at(sheet, desk=desk) >> pressed(Verb.CONFIRM) << Start(Learn(desk, "scanner-2"))).ends(sheet)
    (at(sheet, desk=desk) >> pressed(Verb.NO) << Start(Learn(desk, "")) << ask_devices).ends(LookAtDevices)
    (at(ChooseScanner("pick", ("scanner-1",))) >> pressed(Verb.QTY, "7")).refuses(Reason.COMMAND_NOT_NOW).ends(
        ChooseScanner
    )


def test_a_learnt_scanner_is_heard_and_what_changes_by_itself_is_looked_at_again() -> None:
    desk = Desk()
    assert GearFlow(desk).begin("pick sheet", NOON, CommandId(b"c" * 16), IT).state == ScanSheet("pick", desk.lesson)
    desk.lesson = replace(desk.lesson, saved=True)
    step = GearFlow(desk).begin("pick sheet", NOON, CommandId(b"c" * 16), IT)
    assert (step.effects, again(step.state)) == ((Play(Tone.DONE),), None)
    assert again(ScanSheet("pick", Desk().lesson)) == ("devices", "pick sheet")
    assert again(ShowChecks("pick", Checks())) == ("devices", "pick checks")
    assert again(ShowChecks("pick", Checks(running=False))) is again(ShowStored("pick")) is None


def test_everything_is_checked_on_the_side_and_again() -> None:
    desk = Desk()
    for state, key in ((shown(ONE), pressed(Verb.QTY, "3")), (ShowChecks("pick", Checks()), pressed(Verb.CONFIRM))):
        (at(state, desk=desk) >> key << Start(Examine(desk))).ends(ShowChecks("pick", Checks()))


@pytest.mark.parametrize(("key", "taken"), [(Verb.YES, 1), (Verb.SKIP, 0)])
def test_a_stored_scan_is_taken_at_the_step_below_or_discarded(key: Verb, taken: int) -> None:
    def settles(effect: object) -> bool:
        return isinstance(effect, Run) and effect.command == SettleScan(
            **IT.stamp(event), case=SCAN.case, taken=taken
        )  # fmt: skip

    event = pressed(key)
    asked = at(ShowStored("pick", (SCAN,))) >> event << settles
    asked.ends(Settling("pick", SCAN, bool(taken)))
    done = at(Settling("pick", SCAN, bool(taken))) >> Done(event.id, NOON)
    if taken:
        (done << Take("MUG", "cordless", trusted=True) << Go("pick")).ends(Settling)
    else:
        (done << Play(Tone.ACCEPT) << ask_stored).ends(ShowStored("pick"))
    at(ShowStored("pick")).ends(ShowStored)


def test_what_somebody_else_settled_is_refused_and_the_rest_shown() -> None:
    gone = Refusal(Reason.CHANGED_MEANWHILE)
    (at(Settling("pick", SCAN, taken=True)) >> Failed(pressed(Verb.YES).id, gone) << Refuse(gone) << ask_stored).ends(
        ShowStored("pick")
    )


def test_a_scan_here_is_no_answer() -> None:
    for state in (shown(ONE), ShowStored("pick", (SCAN,)), ShowChecks("pick", Checks())):
        (at(state) >> scanned()).refuses(Reason.COMMAND_NOT_NOW).ends(type(state))


@pytest.fixture
def it(tmp_path):  # type: ignore[no-untyped-def]
    with bench(tmp_path) as opened:
        yield opened


def _waiting(it: Bench) -> tuple[StoredScan, ...]:
    with it.database.reading() as reader:
        return AskStored(SITE, STATION).run(reader)


def test_a_stored_scan_is_settled_once(it: Bench) -> None:
    facts = (("code", "MUG"), ("device", "cordless"), ("trusted", "1"))
    it.run(OpenCase(**it.base(), kind=CaseKind.STORED_SCAN, subject=STATION, facts=facts))
    (waiting,) = _waiting(it)
    assert (waiting.code, waiting.device, waiting.trusted) == ("MUG", "cordless", True)

    it.run(SettleScan(**it.base(), case=waiting.case, taken=0))
    assert _waiting(it) == ()
    (row,) = it.all(Case)
    assert (row.state, row.decision, Decision.DISCARDED, Decision.TAKEN) == (
        CaseState.CLOSED,
        "discarded",
        "discarded",
        "taken",
    )
    assert it.refuse(SettleScan(**it.base(), case=waiting.case, taken=1)).reason is Reason.CHANGED_MEANWHILE
    it.run(OpenCase(**it.base(), kind=CaseKind.CALL))
    other = next(each for each in it.all(Case) if each.kind is CaseKind.CALL)
    assert it.refuse(SettleScan(**it.base(), case=other.id, taken=1)).reason is Reason.NOT_FOUND
