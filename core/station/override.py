"""A supervisor passes a check for one gesture: badge and PIN, recorded; whoever is signed in stays signed in.

A gesture was refused, and the refusal names a check that may be passed. The supervisor scans the badge at this screen
and types the PIN; the refused gesture is then taken as it was. Where no supervisor is, *call* parks the work.

    AskSupervisor --badge of a supervisor--> EnterSupervisorPin
    AskSupervisor --another badge--> GivenUp
    EnterSupervisorPin --PIN--> CheckingPin
    EnterSupervisorPin --NO--> GivenUp
    CheckingPin --right--> Recording
    CheckingPin --wrong--> EnterSupervisorPin
    Recording --done--> Passed
    Recording --refused--> GivenUp
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Event,
    Expect,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Run,
    Say,
    Scanned,
    SecretEntered,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId, PersonId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.people.commands import RecordOverride, RecordPin
from core.people.queries import PinVerdict
from core.people.roles import holds_any
from core.station.badges import FindBadge, Known, TryPin, locked


@dataclass(frozen=True, slots=True)
class AskSupervisor:
    """A badge was scanned over a refusal: whose is it?"""

    what: str
    """The check that is to be passed."""
    passed_by: str
    """The roles that may, comma-separated; empty where nobody may."""
    passes: CommandId
    """The id that the refused gesture is taken under once it is passed."""


@dataclass(frozen=True, slots=True)
class EnterSupervisorPin:
    """The supervisor types the PIN."""

    what: str
    passed_by: str
    passes: CommandId
    person: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class CheckingPin:
    """The try is being counted."""

    asked: EnterSupervisorPin
    right: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """The override is being written."""

    what: str
    name: str


@dataclass(frozen=True, slots=True)
class Passed:
    """It is passed: the station takes the refused gesture now."""

    what: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Nothing is passed: the station shows the step that was shown before."""


State = AskSupervisor | EnterSupervisorPin | CheckingPin | Recording | Passed | GivenUp


class OverrideFlow:
    """Badge and PIN of a supervisor, over whatever was refused."""

    NAME: ClassVar[str] = "override"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = False
    """After a restart the step before it is shown, and the badge is scanned again."""

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Give up: it begins over a refusal only, which the station hands it."""
        return Step(GivenUp())

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Give up."""
        return Step(GivenUp())

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return digits, or the way back."""
        if isinstance(state, EnterSupervisorPin):
            return (Expect("secret", "", "next"), Expect("key", "NO", "back"))
        return ()

    def handle(self, state: State, event: Event | SecretEntered, context: Context) -> Step:
        """Return what an event does; see the diagram.

        Raises:
            Bug: the event cannot happen in this state.
        """
        if isinstance(event, PrintMoved):
            return Step(state)
        match state:
            case AskSupervisor():
                return self._ask_supervisor(state, event, context)
            case EnterSupervisorPin():
                return self._enter_pin(state, event, context)
            case CheckingPin():
                return self._checking_pin(state, event, context)
            case Recording():
                return self._recording(state, event)
            case Passed() | GivenUp():
                raise Bug(f"{event!r} after it was decided")

    def _ask_supervisor(self, state: AskSupervisor, event: Event | SecretEntered, context: Context) -> Step:
        match event:
            case Scanned(raw=raw):
                return Step(state, (Ask(FindBadge(context.site, context.station, raw, event.at)),))
            case Answered(answer=Known(badge=badge)) if holds_any(badge.roles, state.passed_by) and badge.pin:
                asked = EnterSupervisorPin(state.what, state.passed_by, state.passes, badge.person, badge.name)
                return Step(asked, (Play(Tone.ACCEPT),))
            case Answered():
                reason = Reason.SUPERVISOR_NEEDED if state.passed_by else Reason.NOT_OVERRIDABLE
                return Step(GivenUp(), (Refuse(Refusal(reason)),))
            case _:
                raise Bug(f"{event!r} while a supervisor is asked for")

    def _enter_pin(self, state: EnterSupervisorPin, event: Event | SecretEntered, context: Context) -> Step:
        match event:
            case SecretEntered(secret=secret):
                return Step(state, (Ask(TryPin(context.site, state.person, secret)),))
            case Answered(answer=PinVerdict() as verdict, at=at) if verdict.wait_until > at:
                return Step(state, (Refuse(locked(verdict, at)),))
            case Answered(answer=PinVerdict(fits=fits)):
                record = RecordPin(**context.stamp(event), person=state.person, right=int(fits))
                return Step(CheckingPin(state, fits), (Run(record),))
            case Pressed(verb=Verb.NO):
                return Step(GivenUp(), (Play(Tone.ACCEPT),))
            case Done() | Failed() | Answered():
                raise Bug(f"{event!r} while a PIN is asked for")
            case _:
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),))

    def _checking_pin(self, state: CheckingPin, event: Event | SecretEntered, context: Context) -> Step:
        asked = state.asked
        match event:
            case Done() if state.right:
                record = RecordOverride(
                    **context.stamp_after(event, "override"), supervisor=asked.person, what=asked.what,
                    passed_by=asked.passed_by, subject=asked.passes,
                )  # fmt: skip
                return Step(Recording(asked.what, asked.name), (Run(record),))
            case Done() | Failed():
                return Step(asked, (Refuse(Refusal(Reason.PIN_WRONG)),))
            case _:
                raise Bug(f"{event!r} while a PIN is counted")

    def _recording(self, state: Recording, event: Event | SecretEntered) -> Step:
        match event:
            case Done():
                said = Say(Note.OVERRIDDEN, {"name": state.name, "what": state.what})
                return Step(Passed(state.what), (Play(Tone.ACCEPT), said))
            case Failed(refusal=refusal):
                return Step(GivenUp(), (Refuse(refusal),))
            case _:
                raise Bug(f"{event!r} while an override is written")
