"""Releasing promised orders to the floor, at a station that is alone: where a site is shared its hub does that by itself.

Orders come in and get their goods promised; nobody picks them before somebody lets them go. Whoever leads sees how many may
go by cut-off, lets all of them go or only those of the next hours, and works on meanwhile.

    LookAtReady --looked--> ShowReady, Releasing, ShowReleased
    ShowReady --CONFIRM, answer--> Releasing
    Releasing --looked at again, at its end--> ShowReleased, ShowBroken
    ShowReleased, ShowBroken --CONFIRM--> ShowReady

NO leads home from everywhere.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa

from core.kernel.flow import Answered, Ask, Context, Expect, Go, Play, Pressed, Refuse, Start, Step, Tone, Verb
from core.kernel.ids import CommandId, PersonId, SessionId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.roles import allowed
from core.station.menu import JOBS, RELEASE
from core.station.questions import Answers, Questions, key, numbered
from core.waves.planning import Planned
from core.waves.queries import ReadyOrders, ready_by_cut_off
from core.waves.release import Filters

SHOWN = 5
"""Cut-offs that can be chosen."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release that somebody asked for: what came of it once it is over."""

    done: Planned | None = None
    fault: str = ""
    """Why it broke off: the disk refused, a file is gone."""


class ReleaseDesk(Protocol):
    """Where orders are released beside the station; the composition root gives it."""

    def begin(self, filters: Filters, *, actor: PersonId, session: SessionId) -> None:
        """Release them in somebody's name, unless some are being released."""

    def stand(self) -> Release | None:
        """Return how the last one is; None before the first, and once it was told what came of it."""


# Questions and work


@dataclass(frozen=True, slots=True)
class AskReady:
    """What may go, and what is under way?"""

    desk: ReleaseDesk
    site: SiteId

    def run(self, connection: sa.Connection) -> tuple[tuple[ReadyOrders, ...], Release | None]:
        """Return the orders that may go by cut-off, those with none last, where none is under way; and the last release."""
        stands = self.desk.stand()
        # While they go everybody who looks asks again and again: what may go then is shown to nobody.
        return ready_by_cut_off(connection, self.site) if stands is None else (), stands


@dataclass(frozen=True, slots=True)
class LetGo:
    """The work itself, beside the station."""

    desk: ReleaseDesk
    filters: Filters
    actor: PersonId
    session: SessionId

    def start(self) -> None:
        """Begin."""
        self.desk.begin(self.filters, actor=self.actor, session=self.session)


# States


@dataclass(frozen=True, slots=True)
class LookAtReady:
    """It is being looked up."""


@dataclass(frozen=True, slots=True)
class ShowReady:
    """Which of them go?"""

    ready: tuple[ReadyOrders, ...]

    @property
    def until(self) -> tuple[ReadyOrders, ...]:
        """Return what goes up to each cut-off but the last, all before it included."""
        timed = [each for each in self.ready if each.cut_off_at][:SHOWN]
        if len(self.ready) == len(timed):
            timed = timed[:-1]
        sums = []
        orders = units = 0
        for each in timed:
            orders, units = orders + each.orders, units + each.units
            sums.append(ReadyOrders(each.cut_off_at, orders, units))
        return tuple(sums)


@dataclass(frozen=True, slots=True)
class Releasing:
    """They go; everything else goes on."""


@dataclass(frozen=True, slots=True)
class ShowReleased:
    """What came of it."""

    done: Planned


@dataclass(frozen=True, slots=True)
class ShowBroken:
    """It broke off."""

    why: str


State = LookAtReady | ShowReady | Releasing | ShowReleased | ShowBroken


class ReleaseFlow(Questions):
    """Which orders go to the floor?"""

    NAME: ClassVar[str] = RELEASE
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtReady,)

    def __init__(self, desk: ReleaseDesk) -> None:
        """Release at a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look what may go; what is under way or came of the last one is shown first."""
        if not any(allowed(context.roles, each) for each in JOBS[self.NAME]):
            return Step(LookAtReady(), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        return self._look(context)

    def answers(self, state: Any) -> Answers:
        """Return the cut-offs up to which some can go."""
        return numbered(str(each.cut_off_at) for each in state.until) if isinstance(state, ShowReady) else {}

    def takes(self, state: Any) -> tuple[Expect, ...]:
        """Return the key that lets all go, or that looks again."""
        goes = isinstance(state, ShowReady) and state.ready
        return (key("CONFIRM", "next"),) if goes or isinstance(state, ShowReleased | ShowBroken) else ()

    def chosen(self, state: Any, digit: int, event: Pressed, context: Context) -> Step | None:
        """Let go what is due until then."""
        return self._release(Filters(cut_off_until=state.until[digit - 1].cut_off_at), context)

    def pressed(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Let all go, or look again."""
        match state:
            case ShowReady(ready=ready) if ready and event.verb is Verb.CONFIRM:
                return self._release(Filters(), context)
            case ShowReleased() | ShowBroken() if event.verb is Verb.CONFIRM:
                return self._look(context)
            case _:
                return None

    def back(self, state: Any, event: Pressed, context: Context) -> Step:
        """Lead home."""
        return Step(state, (Go("home"),))

    def came(self, state: Any, event: Any, context: Context) -> Step | None:
        """Show what may go, that it goes, or what came of it."""
        match state, event:
            case LookAtReady(), Answered(answer=(_, Release(fault=why))) if why:
                return Step(ShowBroken(why))
            case LookAtReady(), Answered(answer=(_, Release(done=None))):
                return Step(Releasing())
            case LookAtReady(), Answered(answer=(_, Release(done=Planned() as done))):
                return Step(ShowReleased(done))
            case LookAtReady(), Answered(answer=(ready, _)):
                return Step(ShowReady(ready))
            case _:
                return None

    def _look(self, context: Context) -> Step:
        return Step(LookAtReady(), (Ask(AskReady(self._desk, context.site)),))

    def _release(self, filters: Filters, context: Context) -> Step:
        work = LetGo(self._desk, filters, context.actor, context.session)
        return Step(LookAtReady(), (Start(work), Play(Tone.ACCEPT), Ask(AskReady(self._desk, context.site))))
