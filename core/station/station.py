"""One operator at one bench: inputs become events, the flow decides, effects are carried out, feedback comes last.

The station lives on one thread (the window's, or the replay's) and never waits: the writer's outcome comes back through
`deliver`. While a command or a write is under way, scans queue up in order; a refusal drops those that were read before
it was painted. Nothing is fed back before its commit returned.
"""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from core.kernel import codec
from core.kernel.database import at_one_moment
from core.kernel.executor import Done, Outcome, Work
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Effect,
    Event,
    Flow,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Run,
    Say,
    Scanned,
    SecretEntered,
    Start,
    Step,
    Take,
    Tone,
    Verb,
)
from core.kernel.ids import NO_SESSION, CommandId, LocationId, PersonId, SessionId, SiteId, StationId
from core.kernel.journal import FlowState, Gesture, GestureInput, GestureOutcome
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Fault, Refusal
from core.kernel.uow import NO_CHANGES, Changes
from core.people.queries import Operator
from core.station.events import event_of
from core.station.feedback import Feedback
from core.station.kept import outcome_of, stored_state, understood
from core.station.menu import EVERYWHERE, MENU, SIGN_OUT
from core.station.notebook import Notebook
from core.station.override import AskSupervisor, GivenUp, OverrideFlow, Passed
from core.station.stale import is_stale
from core.station.turn import Held, Input, Paused, Turn, held_by
from core.station.world import World

__all__ = ["BACKLOG_MAX", "SETTLE_MS", "Feedback", "Input", "Station", "World"]

BACKLOG_MAX = 16
"""Scans that may wait for a command; more is somebody holding the trigger, and is refused by name."""
SETTLE_MS = 800
"""A rescan confirms only if it was read this long after its question was painted (floor.md B0.5)."""


class Station:
    """Serialises one bench.

    Args given at construction: the surroundings, the flows by name, who this is, and who listens.
    """

    def __init__(
        self,
        world: World,
        flows: Mapping[str, Flow],
        *,
        site: SiteId,
        station: StationId,
        bench: LocationId,
        listener: Callable[[Feedback], None],
    ) -> None:
        """Stand ready; `start` begins or resumes."""
        self._world = world
        self._flows = flows
        self._site, self._station, self._bench = site, station, bench
        self._listener = listener
        self._backlog: deque[Input] = deque()
        self._news: deque[PrintMoved] = deque()
        self._elsewhere_changed = NO_CHANGES
        """What came from elsewhere since the step that is shown looked."""
        self._turn: Turn | None = None
        self._unpainted = False
        self._painted_at = 0
        self._dropped = 0
        self._notebook = Notebook(world, station)
        self._stopped = 0
        """How often in a row a fault or a bug stopped it; not 0: the next input first goes back to what was committed."""
        self._operator: Operator | None = None
        self._left: tuple[str, SessionId, Any] | None = None
        """Flow, session and step over which the menu was opened."""
        self._held: Held | None = None
        self._paused: Paused | None = None
        self._overridden: frozenset[str] = frozenset()
        self._flow: Flow = next(iter(flows.values()))
        self._state: Any = None

    # What is seen from outside

    @property
    def state(self) -> Any:
        """Return the state that is shown."""
        return self._state

    @property
    def flow(self) -> str:
        """Return the name of the flow that runs."""
        return self._flow.NAME

    @property
    def operator(self) -> Operator | None:
        """Return who is signed in."""
        return self._operator

    @property
    def idle(self) -> bool:
        """Return whether nothing is under way and nothing waits."""
        return self._turn is None and not self._backlog and not self._news

    @property
    def waiting(self) -> int:
        """Return how many inputs wait behind the one under way."""
        return len(self._backlog)

    @property
    def context(self) -> Context:
        """Return who works where, now."""
        operator = self._operator
        return Context(
            site=self._site,
            station=self._station,
            bench=self._bench,
            actor=PersonId(bytes(16)) if operator is None else operator.person,
            session=NO_SESSION if operator is None else operator.session,
            today=self._world.today(self._world.clock.now_ms()),
            roles="" if operator is None else operator.roles,
            policies=self._world.policies(self._world.reader, operator),
            overridden=self._overridden,
            stopped_by="" if self._held is None else self._held.what,
        )

    # What happens to it

    def start(self) -> None:
        """Resume where the station stood, or begin at its first flow."""
        self._resume(stored_state(self._world.reader, self._station))

    def stop(self, reason: Reason, fault: str) -> None:
        """Stop after a fault or a bug: nothing under way is booked, and the next input goes on from the last commit."""
        given = None if self._turn is None else self._turn.input
        self._turn = None
        self._stopped += 1
        dropped = len(self._backlog)
        self._backlog.clear()
        self._news.clear()
        self._unpainted = True
        self._listener(
            Feedback(
                input=given, outcome=GestureOutcome.REFUSED, flow=self._flow.NAME, state=self._state,
                refusal=Refusal(reason, {"fault": fault}), tone=Tone.REFUSE, dropped=dropped,
            )
        )  # fmt: skip

    def _resume(self, stored: FlowState | None) -> None:
        self._refresh_operator()
        self._held = self._paused = None
        self._notebook.open()
        turn = self._new_turn(None)
        state = None if stored is None else understood(self._flows, stored)
        if stored is None or state is None or self._operator is None:
            self._enter(turn, next(iter(self._flows)), "")
            return
        self._flow = self._flows[stored.flow]
        self._state = state
        turn.note = Say(Note.RESUMED)
        if stored.waiting is None:
            self._advance(turn, self._flow.resume(self._state, turn.at, turn.id, self.context))
            return
        done = outcome_of(self._world.reader, self._site, stored.waiting)
        self._advance(turn, self._flow.handle(self._state, done, self.context))

    def scan(
        self, text: str, *, typed: bool = False, device: str = "", trusted: bool = False, refused: Refusal | None = None
    ) -> None:
        """Take a code.

        Args:
            text: as the scanner sent it, or as it was typed.
            typed: by hand.
            device: which scanner; empty where nobody knows.
            trusted: that scanner is known to pass separators on.
            refused: why it is no good whatever it means: half of it came.
        """
        kind = GestureInput.MANUAL if typed else GestureInput.SCAN
        self._take(Input(kind=kind, text=text, at=self._now(), device=device, trusted=trusted, refusal=refused))

    def press(self, verb: Verb, argument: str = "") -> None:
        """Take a key or button."""
        text = f"{verb}-{argument}" if argument else str(verb)
        self._take(Input(kind=GestureInput.KEY, text=text, at=self._now()))

    def enter_secret(self, secret: str) -> None:
        """Take a typed PIN; what is recorded is that one was typed."""
        self._take(Input(kind=GestureInput.MANUAL, text="PIN", at=self._now(), secret=secret))

    def weigh(self, grams: int, *, device: str = "", shown: str = "", refused: Refusal | None = None) -> None:
        """Take a weight the scale settled on: of which scale, and as it said it itself; or why none can be taken."""
        text = str(grams) if refused is None else ""
        given = Input(kind=GestureInput.WEIGHT, text=text, at=self._now(), device=device, shown=shown, refusal=refused)
        self._take(given)

    def hear(self, news: PrintMoved | Changes) -> None:
        """Take news: a print job reached a state, or rows came from elsewhere and what is shown may be another now.

        A print job's waits for the input under way, never for the backlog; rows' for all of it.
        """
        if isinstance(news, Changes):
            self._elsewhere_changed = _joined(self._elsewhere_changed, news)
            self._look_again()
            return
        if self._turn is not None:
            self._news.append(news)
            return
        if self._paused is not None:
            below = self._paused
            moved = below.flow.handle(below.state, news, self.context)
            self._paused = replace(below, state=moved.state)
            return
        self._advance(self._new_turn(None), self._flow.handle(self._state, news, self.context))

    def _look_again(self) -> None:
        """Bring the step that is shown up to date, once nothing is under way and no refusal waits to be passed."""
        if self._elsewhere_changed is NO_CHANGES or self._turn is not None or self._backlog or self._stopped:
            return
        if self._paused is not None or self._held is not None:
            return
        changes, self._elsewhere_changed = self._elsewhere_changed, NO_CHANGES
        if not _PEOPLE.isdisjoint(changes.tables):
            self._refresh_operator()
        if is_stale(self._state, changes):
            turn = self._new_turn(None)
            self._advance(turn, self._flow.resume(self._state, turn.at, turn.id, self.context))

    def go(self, flow: str, argument: str = "") -> None:
        """Switch to another flow from outside (a menu); ignored while something is under way."""
        if self._turn is None:
            self._enter(self._new_turn(None), flow, argument)

    def painted(self) -> None:
        """Hear that the last feedback is on the screen: from now on scans answer it."""
        self._unpainted = False
        self._painted_at = self._now()

    # One input at a time

    def _take(self, given: Input) -> None:
        if self._unpainted:
            self._dropped += 1
            self._record_dropped(given)
        elif self._stopped and self._turn is None:
            self._backlog.append(given)
            # What stopped it twice in a row would stop it for ever: begin at the first flow, the work is in the tables.
            again = self._stopped == 1
            stored = stored_state(self._world.reader, self._station) if again else None
            self._resume(stored)
        elif self._turn is None:
            self._begin(given, settled=given.at >= self._painted_at + SETTLE_MS)
        elif len(self._backlog) < BACKLOG_MAX:
            self._backlog.append(given)
        else:
            self._dropped += 1
            self._record_dropped(given)

    def _begin(self, given: Input, *, settled: bool, waited: bool = False) -> None:
        turn = self._new_turn(given)
        if given.refusal is not None:
            self._advance(turn, Step(self._state, (Refuse(given.refusal),)))
            return
        turn.event = event = event_of(self._world, given, turn, self._flow.NAME, settled=settled)
        if waited and isinstance(event, Pressed) and event.verb is Verb.YES:
            # It was given before anybody could read what it answers (floor.md B0.5).
            step = Step(self._state, (Refuse(Refusal(Reason.RESCAN_TOO_FAST, {"got": event.verb})),))
            self._advance(turn, step)
            return
        step = self._elsewhere(event) or self._supervised(event) or self._flow.handle(self._state, event, self.context)
        self._advance(turn, step)

    def _supervised(self, event: Event | SecretEntered) -> Step | None:
        """Return the step of a badge that is scanned over a refusal which a supervisor could pass."""
        held = self._held
        if held is None or not isinstance(event, Scanned) or not event.of(CodeKind.PERSON):
            return None
        self._paused = Paused(self._flow, self._state, held)
        self._flow = self._flows[OverrideFlow.NAME]
        return self._flow.handle(AskSupervisor(held.what, held.passed_by, held.passes), event, self.context)

    def _back(self, turn: Turn, decided: Passed | GivenUp) -> Step:
        """Return to the step below: with the refused gesture, taken under an id of its own, if it was passed."""
        below, self._paused = self._paused, None
        if below is None:
            raise Bug("a supervisor decided about nothing")
        self._flow, self._state = below.flow, below.state
        if isinstance(decided, GivenUp):
            turn.held = below.held
            return Step(below.state)
        self._overridden = frozenset({below.held.what})
        turn.id, turn.event, turn.done = below.held.passes, below.held.event, False
        return self._flow.handle(below.state, replace(turn.event, id=turn.id, at=turn.at), self.context)

    def _elsewhere(self, event: Event | SecretEntered) -> Step | None:
        """Return the step of a key that means the same everywhere: menu, help, typing a code, sign out."""
        target = EVERYWHERE.get(event.verb) if isinstance(event, Pressed) else None
        if target is None or (isinstance(target, Go) and self._operator is None):
            return None
        if self._paused is not None:
            below, self._paused = self._paused, None
            self._flow, self._state = below.flow, below.state
        if target is MENU and MENU.flow != self._flow.NAME:
            self._left = (self._flow.NAME, self.context.session, self._state)
            return Step(self._state, (Go(MENU.flow, f"{MENU.argument} {self._flow.NAME}"),))
        return Step(self._state, (target,)) if target is SIGN_OUT or MENU.flow != self._flow.NAME else None

    def _advance(self, turn: Turn, step: Step) -> None:
        """Carry out a step; ends with a write under way, or with feedback."""
        while True:
            asked = self._note_effects(turn, step.effects)
            match asked:
                case Run():
                    self._write(turn, asked, step.state)
                    return
                case Ask():
                    self._state = step.state
                    with at_one_moment(self._world.reader):
                        answer = asked.query.run(self._world.reader)
                    event = Answered(asked.query, answer, turn.at, turn.id)
                    step = self._flow.handle(self._state, event, self.context)
                case Go():
                    step = self._entered(asked, turn)
                case None if isinstance(step.state, Passed | GivenUp):
                    step = self._back(turn, step.state)
                case None:
                    self._settle(turn, step.state)
                    return

    def _entered(self, asked: Go, turn: Turn) -> Step:
        """Begin a flow, or go back to the step that the menu was opened from."""
        if asked.flow not in self._flows:
            # What another station of the site is there for, asked for by a script.
            return Step(self._state, (Refuse(Refusal(Reason.OTHER_STATIONS, {"got": asked.flow})),))
        self._held = self._paused = None
        self._flow = self._flows[asked.flow]
        if asked.argument == "" and self._left is not None and self._left[:2] == (asked.flow, self.context.session):
            state, self._left = self._left[2], None
            return self._flow.resume(state, turn.at, turn.id, self.context)
        return self._flow.begin(asked.argument, turn.at, turn.id, self.context)

    def _note_effects(self, turn: Turn, effects: tuple[Effect, ...]) -> Run | Ask | Go | None:
        asked: Run | Ask | Go | None = None
        for effect in effects:
            match effect:
                case Play(tone):
                    turn.tone = tone
                case Say():
                    turn.note = effect
                case Refuse(refusal):
                    turn.refusal, turn.tone = refusal, Tone.REFUSE
                case Start(work):
                    work.start()
                case Take(code, device, trusted):
                    kept = Input(kind=GestureInput.SCAN, text=code, at=turn.at, device=device, trusted=trusted)
                    self._backlog.appendleft(kept)
                case Run() | Ask() | Go():
                    if asked is not None:
                        raise Bug(f"{self._flow.NAME}: one step may ask for one thing: {asked} and {effect}")
                    asked = effect
        return asked

    def _settle(self, turn: Turn, state: Any) -> None:
        """End a turn without a command: keep gesture and state first, unless nothing is to be kept."""
        self._state = state
        gesture = None if turn.written else self._gesture(turn, None)
        flow = self._flow_row(turn, None) if state != turn.before and not turn.done else None
        if gesture is None and flow is None:
            self._finish(turn)
            return
        self._submit(turn, Work(gesture=gesture, flow=flow), lambda _: self._finish(turn))

    def _write(self, turn: Turn, run: Run, waiting: Any) -> None:
        before = self._state
        self._state = waiting
        gesture = None if turn.written else self._gesture(turn, run.command.id)
        work = Work(run.command, gesture, self._flow_row(turn, run.command.id), run.beside)

        def settled(outcome: Outcome) -> None:
            turn.written = True
            if isinstance(outcome, Done):
                turn.done = True
                turn.changes = _joined(turn.changes, outcome.changes)
                turn.result = {**turn.result, **outcome.result}
                if not _PEOPLE.isdisjoint(outcome.changes.tables):
                    self._refresh_operator()
            else:
                turn.refusal, turn.tone = outcome.refusal, Tone.REFUSE
            self._advance(turn, self._flow.handle(self._state, outcome, self.context))

        try:
            self._submit(turn, work, settled)
        except BaseException:
            self._state = before
            raise

    def _submit(self, turn: Turn, work: Work, then: Callable[[Outcome], None]) -> None:
        self._turn = turn
        future = self._world.submit(work)
        future.add_done_callback(lambda done: self._world.deliver(lambda: self._returned(done, then)))

    def _returned(self, future: Future[Outcome], then: Callable[[Outcome], None]) -> None:
        fault = future.exception()
        if isinstance(fault, Fault):
            self.stop(Reason.NOT_SAVED, str(fault))
        else:
            then(future.result())

    def _finish(self, turn: Turn) -> None:
        """Give feedback and go on with what waits."""
        self._turn = None
        self._stopped = 0
        self._overridden = frozenset()
        if turn.input is not None:
            self._held = held_by(turn)
        dropped = 0
        if turn.refusal is not None:
            for given in self._backlog:
                self._record_dropped(given)
            dropped = len(self._backlog)
            self._backlog.clear()
            self._unpainted = turn.input is not None
        dropped, self._dropped = dropped + self._dropped, 0
        outcome = GestureOutcome.ACCEPTED if turn.refusal is None else GestureOutcome.REFUSED
        self._listener(
            Feedback(
                input=turn.input, outcome=outcome, flow=self._flow.NAME, state=self._state, refusal=turn.refusal,
                tone=turn.tone, note=turn.note, expects=self._flow.expects(self._state), changes=turn.changes,
                dropped=dropped, result=turn.result,
            )
        )  # fmt: skip
        if self._turn is None and self._news:
            self.hear(self._news.popleft())
        if self._turn is None and self._backlog:
            self._begin(self._backlog.popleft(), settled=False, waited=True)
        self._look_again()

    def _enter(self, turn: Turn, flow: str, argument: str) -> None:
        self._advance(turn, Step(self._state, (Go(flow, argument),)))

    # Rows and readings

    def _now(self) -> int:
        return self._world.clock.now_ms()

    def _new_turn(self, given: Input | None) -> Turn:
        at = self._now() if given is None else given.at
        step = "" if self._state is None else type(self._state).__name__
        return Turn(given, CommandId(self._world.ids.new()), at, step, before=self._state)

    def _gesture(self, turn: Turn, command: CommandId | None) -> Gesture | None:
        return self._notebook.gesture(turn, self._flow, self.context, command)

    def _record_dropped(self, given: Input) -> None:
        gesture = self._notebook.dropped(given, self._flow, type(self._state).__name__, self.context)
        self._world.submit(Work(gesture=gesture))
        self._world.dropped(given)

    def _flow_row(self, turn: Turn, waiting: CommandId | None) -> FlowState | None:
        if not self._flow.KEEPS:
            return None
        text = codec.to_text(self._state)
        return FlowState(self._station, self._flow.NAME, self._flow.VERSION, text, waiting, turn.at)

    def _refresh_operator(self) -> None:
        self._operator = self._world.operator(self._world.reader)


_PEOPLE = frozenset({"session", "person", "comfort"})
"""Tables that say who works here, and how they like it."""


def _joined(one: Changes, other: Changes) -> Changes:
    return Changes(one.tables | other.tables, one.orders | other.orders)
