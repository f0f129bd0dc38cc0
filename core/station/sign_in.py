"""Signing in: the badge alone for floor work, the PIN once a shift where policy says so.

The operator scans the badge that hangs at the belt. Where the site wants a PIN, or the roles go beyond the floor's, it
is typed once a shift on the numeric keys; wrong ones make the wait grow. Signing out keeps whatever was under way for
the next badge.

    ScanBadge --badge--> SigningIn
    ScanBadge --badge with PIN--> EnterPin
    EnterPin --PIN--> CountingPin
    EnterPin --NO--> ScanBadge
    CountingPin --right--> SigningIn
    CountingPin --wrong--> EnterPin
    SigningIn --done--> home
    SigningOut --done--> ScanBadge
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
    Go,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Run,
    Say,
    Scanned,
    SecretEntered,
    Stamp,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import NO_SESSION, CommandId, PersonId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.people.commands import RecordPin, SignIn, SignOut, session_of
from core.people.queries import PinVerdict
from core.rules.model import Mode
from core.station.badges import FindBadge, Known, TryPin, locked


@dataclass(frozen=True, slots=True)
class ScanBadge:
    """Nobody is signed in."""


@dataclass(frozen=True, slots=True)
class EnterPin:
    """The badge is known; its PIN is asked for."""

    person: PersonId
    name: str
    badge: str


@dataclass(frozen=True, slots=True)
class CountingPin:
    """The try is being counted."""

    person: PersonId
    name: str
    badge: str
    right: bool


@dataclass(frozen=True, slots=True)
class SigningIn:
    """The session is being written."""

    name: str


@dataclass(frozen=True, slots=True)
class SigningOut:
    """The session is being ended."""


State = ScanBadge | EnterPin | CountingPin | SigningIn | SigningOut


class SignInFlow:
    """Badge, perhaps PIN, session."""

    NAME: ClassVar[str] = "sign_in"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = False

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Ask for a badge; with the argument ``out``, end the session first."""
        if argument == "out" and context.session != NO_SESSION:
            stamp = Stamp(id=cause, site=context.site, at=at, actor=context.actor, session=context.session)
            return Step(SigningOut(), (Run(SignOut(**stamp, ends=context.session)),))
        if argument not in ("", "out"):
            # Somebody else's badge was scanned while one works here: theirs begins where this one's ends.
            return Step(ScanBadge(), (Ask(FindBadge(context.site, context.station, argument, at)),))
        return Step(ScanBadge())

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Begin again: nothing of signing in is worth keeping."""
        return Step(ScanBadge())

    def handle(self, state: State, event: Event | SecretEntered, context: Context) -> Step:
        """Return what an event does; see the diagram."""
        match state:
            case ScanBadge():
                return self._scan_badge(state, event, context)
            case EnterPin():
                return self._enter_pin(state, event, context)
            case CountingPin():
                return self._counting_pin(state, event, context)
            case SigningIn():
                return self._signing_in(state, event)
            case SigningOut():
                return self._signing_out(state, event)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return a badge, or digits."""
        if isinstance(state, ScanBadge):
            return (Expect("person", "", "next"),)
        if isinstance(state, EnterPin):
            return (Expect("secret", "", "next"), Expect("key", "NO", "back"))
        return ()

    def _scan_badge(self, state: ScanBadge, event: Event | SecretEntered, context: Context) -> Step:
        match event:
            case Scanned(raw=raw):
                return Step(state, (Ask(FindBadge(context.site, context.station, raw, event.at)),))
            case Answered(answer=None):
                return Step(state, (Refuse(Refusal(Reason.BADGE_UNKNOWN)),))
            case Answered(query=FindBadge(code=code), answer=Known(badge=badge) as known):
                if known.asks_pin and badge.pin:
                    return Step(EnterPin(badge.person, badge.name, code), (Play(Tone.ACCEPT),))
                if known.asks_pin and known.pin_mode == Mode.BLOCK:
                    return Step(state, (Refuse(Refusal(Reason.NOT_ALLOWED, {"permission": "no PIN"})),))
                return self._sign_in(badge.person, badge.name, context.stamp(event), context, 0)
            case Pressed() | Weighed() | SecretEntered():
                return Step(state, (Refuse(Refusal(Reason.NOT_SIGNED_IN)),))
            case PrintMoved():
                return Step(state)
            case _:
                raise Bug(f"{event!r} while scanning a badge")

    def _enter_pin(self, state: EnterPin, event: Event | SecretEntered, context: Context) -> Step:
        match event:
            case SecretEntered(secret=secret):
                return Step(state, (Ask(TryPin(context.site, state.person, secret)),))
            case Answered(answer=PinVerdict() as verdict, at=at) if verdict.wait_until > at:
                return Step(state, (Refuse(locked(verdict, at)),))
            case Answered(answer=PinVerdict(fits=fits)):
                stamp = context.stamp(event)
                stamp["actor"] = state.person
                counting = CountingPin(state.person, state.name, state.badge, fits)
                return Step(counting, (Run(RecordPin(**stamp, person=state.person, right=int(fits))),))
            case Pressed(verb=Verb.NO):
                return Step(ScanBadge())
            case Scanned() | Pressed() | Weighed():
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),))
            case PrintMoved():
                return Step(state)
            case _:
                raise Bug(f"{event!r} while a PIN is asked for")

    def _counting_pin(self, state: CountingPin, event: Event | SecretEntered, context: Context) -> Step:
        match event:
            case Done() if state.right:
                return self._sign_in(state.person, state.name, context.stamp_after(event, "sign in"), context, 1)
            case Done() | Failed():
                asked = EnterPin(state.person, state.name, state.badge)
                return Step(asked, (Refuse(Refusal(Reason.PIN_WRONG)),))
            case PrintMoved():
                return Step(state)
            case _:
                raise Bug(f"{event!r} while a PIN is counted")

    def _signing_in(self, state: SigningIn, event: Event | SecretEntered) -> Step:
        match event:
            case Done():
                return Step(state, (Play(Tone.ACCEPT), Say(Note.SIGNED_IN, {"name": state.name}), Go("home")))
            case Failed(refusal=refusal):
                return Step(ScanBadge(), (Refuse(refusal),))
            case PrintMoved():
                return Step(state)
            case _:
                raise Bug(f"{event!r} while signing in")

    def _signing_out(self, state: SigningOut, event: Event | SecretEntered) -> Step:
        match event:
            case Done() | Failed():
                return Step(ScanBadge(), (Play(Tone.ACCEPT), Say(Note.SIGNED_OUT)))
            case PrintMoved():
                return Step(state)
            case _:
                raise Bug(f"{event!r} while signing out")

    def _sign_in(self, person: PersonId, name: str, stamp: Stamp, context: Context, with_pin: int) -> Step:
        stamp["actor"] = person
        session = session_of(stamp["id"])
        ends = None if context.session == NO_SESSION else context.session
        command = SignIn(
            **stamp, person=person, station=context.station, new_session=session, with_pin=with_pin, ends=ends
        )
        return Step(SigningIn(name), (Run(command),))
