"""Somebody without a badge is given one: at six in the morning, by the lead, at a window with a printer.

The lead chooses who it is, by name or by the old badge. The station makes up a code and prints it, aside from every job: of
what it says nothing is kept. The badge that came out is scanned, and with that scan it is in force and the old one is not.
Whatever came out and was not scanned is worth nothing, so that nobody has to know whether a label is in a bin or in a pocket:
a print that went wrong is done once more, with another code.

    ChooseHolder --answer--> ShowHolder
    ChooseHolder --scan of a name, of an old badge--> ChooseHolder
    ShowHolder --CONFIRM--> ScanNewBadge
    ScanNewBadge --looked again--> ScanNewBadge
    ScanNewBadge --NOTPRINTED--> ScanNewBadge
    ScanNewBadge --scan of it--> Renewing
    Renewing --done--> ChooseHolder
    Renewing --failed--> ChooseHolder
    ShowHolder, ScanNewBadge --NO--> ChooseHolder

From ChooseHolder NO leads to the labels.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Effect,
    Expect,
    Go,
    Play,
    Pressed,
    Refuse,
    Run,
    Say,
    Scanned,
    Start,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId, PersonId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.commands import RenewBadge
from core.people.model import PersonCard
from core.people.roles import allowed
from core.station.badge_desk import (
    AskBadge,
    AskHolders,
    AtBadges,
    BadgeDesk,
    BadgeTrial,
    Holder,
    ProveBadge,
    Proved,
)
from core.station.questions import Answers, Questions, key, numbered

HOLDERS_SHOWN = 7
PERMISSION = RenewBadge.PERMISSION
BADGES = "badges"
PRINTING = "trial"
"""The argument that begins the flow at a badge that is being printed."""


@dataclass(frozen=True, slots=True)
class ChooseHolder:
    """Who gets a new badge?"""

    holders: tuple[Holder, ...]
    """Those that have a digit."""
    more: int = 0
    """How many others there are."""


@dataclass(frozen=True, slots=True)
class ShowHolder:
    """A new badge for this one: print it?"""

    holder: Holder


@dataclass(frozen=True, slots=True)
class ScanNewBadge:
    """It comes out: scan it."""

    holder: Holder
    trial: BadgeTrial


@dataclass(frozen=True, slots=True)
class Renewing:
    """It is being put in force."""

    holder: Holder


State = ChooseHolder | ShowHolder | ScanNewBadge | Renewing


def looks_again(state: Any) -> tuple[str, str] | None:
    """Return the flow and the argument that begin it at this state anew, where it changes by itself."""
    return (BADGES, PRINTING) if isinstance(state, ScanNewBadge) else None


class BadgesFlow(Questions):
    """Who, a print, its scan."""

    NAME: ClassVar[str] = BADGES
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (Renewing,)

    def __init__(self, desk: BadgeDesk) -> None:
        """Stand at a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Ask who it is for, or how far the badge is that is being printed."""
        if not allowed(context.roles, PERMISSION):
            return Step(ChooseHolder(()), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        if argument == PRINTING:
            return Step(ChooseHolder(()), (Ask(AskBadge(self._desk)),))
        return self._holders(context)

    def answers(self, state: State) -> Answers:
        """Return the people."""
        return numbered(each.name for each in state.holders) if isinstance(state, ChooseHolder) else {}

    def takes(self, state: State) -> tuple[Expect, ...]:
        """Return the keys beside them."""
        match state:
            case ShowHolder():
                return (key("CONFIRM", "next"),)
            case ScanNewBadge():
                return (key("NOTPRINTED", "not printed"),)
            case _:
                return ()

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead to the labels from the people, and to the people from everywhere else: the old badge stays in force."""
        if isinstance(state, ChooseHolder):
            return Step(state, (Go("labels"),))
        return self._holders(context, self._wish())

    def chosen(self, state: State, digit: int, event: Pressed, context: Context) -> Step | None:
        """Show who was chosen."""
        return (
            Step(ShowHolder(state.holders[digit - 1]), (Play(Tone.ACCEPT),))
            if isinstance(state, ChooseHolder)
            else None
        )

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Print a badge, or another one."""
        match state, event.verb:
            case ShowHolder(holder=holder), Verb.CONFIRM | Verb.PRINT:
                return Step(ScanNewBadge(holder, BadgeTrial()), (self._wish(holder), Play(Tone.ACCEPT)))
            case ScanNewBadge(holder=holder), Verb.NOTPRINTED:
                return Step(ScanNewBadge(holder, BadgeTrial()), (self._wish(holder), Play(Tone.CAUTION)))
            case _:
                return None

    def scanned(self, state: State, event: Scanned, context: Context) -> Step | None:
        """Take a part of a name, an old badge, or the new one."""
        match state:
            case ChooseHolder():
                people = event.of(CodeKind.PERSON)
                whose = PersonId(people[0].target) if people else None
                return Step(state, (self._who(context, "" if people else event.raw, whose),))
            case ScanNewBadge(holder=holder):
                return Step(state, (Ask(ProveBadge(self._desk, context.site, holder.person, event.raw)),))
            case _:
                return None

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Take who there is, how far it is, and what was written."""
        match state, event:
            case ChooseHolder(), Answered(query=AskHolders(said=said), answer=tuple() as found):
                if not found and state.holders:
                    return Step(state, (Refuse(Refusal(Reason.NO_SUCH_PERSON, {"got": said} if said else {})),))
                return Step(ChooseHolder(found[:HOLDERS_SHOWN], max(0, len(found) - HOLDERS_SHOWN)))
            case _, Answered(query=AskBadge(), answer=(Holder() as holder, BadgeTrial() as trial)):
                return Step(ScanNewBadge(holder, trial))
            case _, Answered(query=AskBadge()):
                return self._holders(context)
            case ScanNewBadge(), Answered(query=ProveBadge(), answer=None):
                return Step(state, (Refuse(Refusal(Reason.NOT_THIS_BADGE)),))
            case ScanNewBadge(holder=holder), Answered(query=ProveBadge(), answer=Proved(card=card)):
                renew = RenewBadge(**context.stamp(event), person=holder.person, base_version=holder.version)
                return Step(Renewing(holder), (Run(renew, {PersonCard: [card]}),))
            case Renewing(holder=holder), Done():
                told = Say(Note.BADGE_RENEWED, {"name": holder.name})
                return self._holders(context, self._wish(), Play(Tone.DONE), told)
            case Renewing(), Failed(refusal=refusal):
                return self._holders(context, self._wish(), Refuse(refusal))
            case _:
                return None

    def _holders(self, context: Context, *before: Effect) -> Step:
        return Step(ChooseHolder(()), (*before, self._who(context)))

    def _who(self, context: Context, said: str = "", person: PersonId | None = None) -> Ask:
        return Ask(AskHolders(context.site, allowed(context.roles, "people.edit"), said, person))

    def _wish(self, holder: Holder | None = None) -> Start:
        return Start(AtBadges(self._desk, holder))
