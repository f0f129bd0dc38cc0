"""The line to the hub as IT looks at it: what waits and since when, how far the feed was taken, what is wrong and what to do.

Somebody from IT stands at a station, or a lead wants to know whether it is this station or the hub. Nothing here is work:
the line carries on by itself, and this only says how it does.

    LookAtLine --looked--> ShowLine
    ShowLine --CONFIRM--> LookAtLine
    ShowLine --QTY-1--> the cases that wait
    ShowLine --NO--> home
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa

from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Expect,
    Go,
    Pressed,
    Refuse,
    Step,
    Verb,
)
from core.kernel.ids import CommandId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.roles import allowed
from core.station.menu import CASES, JOBS
from core.station.questions import Answers, Questions, key


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why one part of the line does not get on."""

    engine: str
    """push, pull, fetch or lease."""
    reason: str
    """One of the protocol's reasons, or of the engines'."""
    words: str
    """The same as a machine says it."""
    final: bool
    """Whether a person has to do something before it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the line to the hub is."""

    hub: str
    connected: bool = False
    since: int = 0
    """Since when it is so, UTC milliseconds."""
    waiting: int = 0
    """Operations that are not at the hub."""
    oldest_at: int = 0
    """When the first of them was done; 0 where nothing waits."""
    held_seconds: int | None = None
    """How long the work that this station holds will last; None where what it holds does not say that."""
    cursor: int = 0
    head: int = 0
    """How far the feed was taken here, and how far it went at the hub when it was heard of last."""
    offset_ms: int = 0
    """How far this station's clock is ahead of the hub's."""
    loading: int | None = None
    """Per mille of the site that is here, as far as can be guessed; None where nothing is loaded."""
    fresh: bool = False
    """Whether that is the first time: nobody can work before it is here."""
    troubles: tuple[Trouble, ...] = ()
    zones: tuple[str, ...] = ()
    """Codes of those that this station works; none for all of them."""
    hears: bool = False
    """Whether the hub was set back, and gives out nothing before it has heard every station."""
    cases: int = 0
    red: int = 0
    """Cases that wait for a person, and how many of them cannot."""


class LineDesk(Protocol):
    """Where it is known how the line is; the composition root gives it."""

    def stand(self, connection: sa.Connection) -> Standing:
        """Return how the line is now."""


@dataclass(frozen=True, slots=True)
class AskLine:
    """How is the line?"""

    desk: LineDesk

    def run(self, connection: sa.Connection) -> Standing:
        """Return how it is."""
        return self.desk.stand(connection)


@dataclass(frozen=True, slots=True)
class LookAtLine:
    """It is being looked at."""


@dataclass(frozen=True, slots=True)
class ShowLine:
    """How it is."""

    standing: Standing


State = LookAtLine | ShowLine


class LineFlow(Questions):
    """How is the line to the hub, and what is to be done?"""

    NAME: ClassVar[str] = "line"
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtLine,)

    def __init__(self, desk: LineDesk) -> None:
        """Ask a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look, for those whose business it is."""
        if not any(allowed(context.roles, each) for each in JOBS[self.NAME]):
            return Step(LookAtLine(), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        return Step(LookAtLine(), (Ask(AskLine(self._desk)),))

    def answers(self, state: State) -> Answers:
        """Return the way to the cases, where some wait."""
        return {1: CASES} if isinstance(state, ShowLine) and state.standing.cases else {}

    def chosen(self, state: State, digit: int, event: Pressed, context: Context) -> Step | None:
        """Lead to the cases."""
        return Step(state, (Go(CASES),))

    def takes(self, state: State) -> tuple[Expect, ...]:
        """Return the key to look again."""
        return (key("CONFIRM", "again"),)

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Show how it is."""
        match state, event:
            case LookAtLine(), Answered(query=AskLine(), answer=Standing() as found):
                return Step(ShowLine(found))
            case _:
                return None

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead home."""
        return Step(state, (Go("home"),))

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Look again."""
        return Step(LookAtLine(), (Ask(AskLine(self._desk)),)) if event.verb is Verb.CONFIRM else None
