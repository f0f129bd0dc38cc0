"""Setting devices up as a conversation: chosen, tried by doing, kept; and taken off."""

from dataclasses import dataclass, field, replace

import pytest

from core.kernel.flow import Answered, Ask, Go, Play, Refuse, Start, Tone, Verb
from core.kernel.ids import CommandId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station import fitting
from core.station.fitting import (
    SCALE,
    SCANNER,
    AskFitted,
    AskPlugged,
    AskTrial,
    ChooseGone,
    ChooseLine,
    ChoosePlugged,
    ChooseRole,
    ChooseUnit,
    ConfirmGone,
    Fitted,
    Fitting,
    FittingFlow,
    Found,
    LookAround,
    Trial,
    TryOut,
    Wish,
)
from core.station.gear import again
from tests.diagrams import drawn
from tests.playbook import Playbook, context, pressed, scanned
from tests.support import NOON

IT, PICKER = context(roles="it"), context(roles="picker")
PORT = Found(key="serial /dev/ttyACM0", name="USB-Serial", port="/dev/ttyACM0", ids="067b:2303", has_line=True)
PAGE = Found(key="hid /dev/hidraw0", name="Voyager", port="/dev/hidraw0", role=SCANNER)
HEARD = Trial(role=SCANNER, speech="ssi", said="PAIR", port="/dev/ttyACM0")


@dataclass
class Desk:
    """A desk that is asked nothing by a flow itself."""

    now: Trial = field(default_factory=Trial)

    def plugged(self) -> tuple[Found, ...]:
        return (PORT, PAGE)

    def devices(self) -> tuple[str, ...]:
        return ("scanner-1",)

    def trial(self) -> Trial:
        return self.now

    def fitted(self) -> Fitted:
        return Fitted("scanner-2", SCANNER)

    def try_out(self, role: str, key: str, line: str) -> None:
        raise AssertionError("a flow starts nothing itself")

    def keep(self, unit: str) -> None:
        raise AssertionError("a flow starts nothing itself")

    def take_off(self, name: str) -> None:
        raise AssertionError("a flow starts nothing itself")

    def give_up(self) -> None:
        raise AssertionError("a flow starts nothing itself")


DESK = Desk()
LOOKS = Ask(AskTrial(DESK))
CHOICE = ChoosePlugged("pick", (PORT, PAGE), ("scanner-1",))


def at(state: object) -> Playbook:
    return Playbook(FittingFlow(DESK), IT, state)


def wish(name: str, *words: str) -> Start:
    return Start(Wish(DESK, name, words))


def begun(argument: str = "pick", where=IT, desk: Desk = DESK):  # type: ignore[no-untyped-def]
    return FittingFlow(desk).begin(argument, NOON, CommandId(b"c" * 16), where)


def answered(state: object, query: object, answer: object):  # type: ignore[no-untyped-def]
    event = Answered(query, answer, NOON, CommandId(b"c" * 16))
    return FittingFlow(DESK).handle(state, event, IT)


def test_only_whoever_may_set_stations_up_sets_devices_up() -> None:
    assert begun(where=PICKER).effects == (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("devices", "pick"))
    step = begun()
    assert step == fitting.Step(LookAround("pick"), (Ask(AskPlugged(DESK)),))
    assert answered(step.state, AskPlugged(DESK), ((PORT, PAGE), ("scanner-1",))).state == CHOICE


def test_a_scanner_is_found_by_one_scan_and_reads_the_sheet_next() -> None:
    listening = TryOut("pick", Trial(role=SCANNER))
    (at(CHOICE) >> pressed(Verb.QTY, "1") << wish("try_out", SCANNER, "", "") << LOOKS).ends(listening)
    shown = answered(listening, AskTrial(DESK), Trial(role=SCANNER, pair="BCDF"))
    assert shown.state == TryOut("pick", Trial(role=SCANNER, pair="BCDF"))
    assert again(listening) == ("fitting", "pick trial")
    heard = begun("pick trial", desk=Desk(HEARD))
    assert (heard.state, heard.effects) == (TryOut("pick", HEARD), (Play(Tone.DONE),))
    assert again(heard.state) is None
    kept = at(TryOut("pick", HEARD)) >> pressed(Verb.CONFIRM) << wish("keep", "") << Ask(AskFitted(DESK))
    kept.ends(Fitting("pick"))
    done = answered(Fitting("pick"), AskFitted(DESK), Fitted("scanner-2", SCANNER))
    assert done.effects == (Play(Tone.ACCEPT), Go("devices", "pick learn scanner-2"))


def test_at_a_serial_port_it_is_said_what_it_is_and_how_its_line_is_set_where_nothing_comes() -> None:
    (at(CHOICE) >> pressed(Verb.QTY, "2")).ends(ChooseRole("pick", PORT))
    role = at(ChooseRole("pick", PORT)) >> pressed(Verb.QTY, "2") << wish("try_out", SCALE, PORT.key, "") << LOOKS
    role.ends(TryOut("pick", Trial(role=SCALE, found=PORT)))
    silent = at(TryOut("pick", Trial(role=SCALE, found=PORT))) >> pressed(Verb.QTY, "1") << wish("give_up")
    silent.ends(ChooseLine("pick", PORT, SCALE))
    said = at(ChooseLine("pick", PORT, SCALE)) >> pressed(Verb.QTY, "2")
    (said << wish("try_out", SCALE, PORT.key, "9600 7E1") << LOOKS).ends(TryOut)


def test_what_can_only_be_one_thing_is_not_asked_about() -> None:
    tried = at(CHOICE) >> pressed(Verb.QTY, "3") << wish("try_out", SCANNER, PAGE.key, "") << LOOKS
    tried.ends(TryOut("pick", Trial(role=SCANNER, found=PAGE)))
    (at(TryOut("pick", Trial(role=SCANNER, found=PAGE))) >> pressed(Verb.QTY, "1")).refuses(
        Reason.COMMAND_NOT_NOW
    ).ends(TryOut)


def test_a_scale_that_names_no_unit_is_asked_about_and_leads_back_to_the_list() -> None:
    heard = Trial(role=SCALE, found=PORT, speech="toledo_8217", said="1.235", lacks_unit=True)
    (at(TryOut("pick", heard)) >> pressed(Verb.CONFIRM)).ends(ChooseUnit("pick", heard))
    (at(ChooseUnit("pick", heard)) >> pressed(Verb.QTY, "3") << wish("keep", "lb") << Ask(AskFitted(DESK))).ends(
        Fitting
    )
    done = answered(Fitting("pick"), AskFitted(DESK), Fitted("scale-1", SCALE))
    assert (done.state, done.effects) == (LookAround("pick"), (Play(Tone.ACCEPT), Ask(AskPlugged(DESK))))


def test_a_device_is_taken_off_after_a_question_and_one_that_is_its_is_not() -> None:
    (at(CHOICE) >> pressed(Verb.QTY, "9")).ends(ChooseGone("pick", ("scanner-1",)))
    asked = at(ChooseGone("pick", ("scanner-1",))) >> pressed(Verb.QTY, "1") << Play(Tone.CAUTION)
    asked.ends(ConfirmGone("pick", "scanner-1"))
    sure = at(ConfirmGone("pick", "scanner-1")) >> pressed(Verb.YES)
    (sure << wish("take_off", "scanner-1") << Ask(AskFitted(DESK))).ends(Fitting)
    locked = answered(Fitting("pick"), AskFitted(DESK), Fitted("scanner-1", locked=True))
    assert locked.effects[0] == Refuse(Refusal(Reason.LOCKED_BY_IT, {"device": "scanner-1"}))


@pytest.mark.parametrize("state", [
    ChooseRole("pick", PORT), TryOut("pick", Trial()), TryOut("pick", HEARD), ChooseLine("pick", PORT, SCANNER),
    ChooseUnit("pick", replace(HEARD, role=SCALE)), ChooseGone("pick", ("scanner-1",)), ConfirmGone("pick", "scanner-1"),
])  # fmt: skip
def test_back_leads_to_the_list_and_nothing_listens_any_more(state: object) -> None:
    (at(state) >> pressed(Verb.NO) << wish("give_up") << Ask(AskPlugged(DESK))).ends(LookAround("pick"))
    (at(state) >> scanned()).refuses(Reason.COMMAND_NOT_NOW).ends(type(state))


def test_the_list_leads_back_to_the_devices_and_looks_again() -> None:
    (at(CHOICE) >> pressed(Verb.NO) << Go("devices", "pick")).ends(ChoosePlugged)
    (at(CHOICE) >> pressed(Verb.CONFIRM) << Ask(AskPlugged(DESK))).ends(LookAround("pick"))
    (at(CHOICE) >> pressed(Verb.QTY, "8") << Go("devices", "pick learn")).ends(ChoosePlugged)
    (at(ChoosePlugged("pick", (), ())) >> pressed(Verb.QTY, "9")).refuses(Reason.COMMAND_NOT_NOW).ends(ChoosePlugged)
    names = {type(state).__name__ for state in (CHOICE, LookAround("pick"), Fitting("pick"))}
    assert names <= {name for pair in drawn(fitting) for name in pair}
