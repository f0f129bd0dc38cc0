"""Conversations with a flow: `Playbook` without any database, `Desk` at a real station that runs on one thread.

`Playbook(flow, context, state) >> event << effect << effect >> event …`: every `>>` hands an event to the flow, every `<<`
names the next effect it must have led to; effects that nobody named fail the test, and so does the end without
`.ends(state)`. `Desk` reads codes, runs queries and commands against a bench, and can be switched off at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from difflib import unified_diff
from pprint import pformat
from typing import Any

import sqlalchemy as sa

from core.kernel.executor import Done, Outcome, Work
from core.kernel.flow import Answered, Ask, Context, Flow, Pressed, Refuse, Run, Say, Scanned, Step, Verb
from core.kernel.ids import NO_SESSION, CommandId, LocationId, StationId
from core.kernel.journal import GestureOutcome
from core.kernel.reasons import Reason
from core.kernel.uow import Changes
from core.people.queries import Operator, signed_in
from core.rules.model import Check
from core.rules.policies import Resolved
from core.rules.queries import PolicyBook
from core.station.resolve import read_input
from core.station.station import Feedback, Input, Station, World
from tests.support import NOON, PICKER, SITE, STATION, Bench, FakeIds, policies

TODAY = "2025-12-16"
_DAY = (2025, 12, 16)
BENCH = LocationId(b"bench-location-1")


def context(**changes: Any) -> Context:
    """Return who works where; what is named differs."""
    usual: dict[str, Any] = {
        "site": SITE,
        "station": STATION,
        "bench": BENCH,
        "actor": PICKER,
        "session": NO_SESSION,
        "today": TODAY,
        "policies": policies(),
    }
    return Context(**(usual | changes))


_ids = FakeIds(start=1_000_000)


def pressed(verb: Verb, argument: str = "") -> Pressed:
    return Pressed(id=CommandId(_ids.new()), at=NOON, verb=verb, argument=argument)


def scanned(
    *candidates: Any, raw: str = "", settled: bool = True, rejected: Reason | None = None, **more: Any
) -> Scanned:  # fmt: skip
    """Return a scan; its text is the first candidate's code where none is given."""
    text = raw or (candidates[0].code if candidates else "NO-SUCH-CODE")
    return Scanned(
        id=CommandId(_ids.new()), at=NOON, raw=text, candidates=tuple(candidates), settled=settled, rejected=rejected,
        **more,
    )  # fmt: skip


class Playbook:
    """A conversation with a flow; see the module."""

    def __init__(self, flow: Flow, where: Context | None = None, state: Any = None) -> None:
        """Begin at a state, or at the flow's own beginning, whose effects are then said first."""
        self._flow = flow
        self._context = where or context()
        self._last: Any = None
        self.answer: Any = None
        if state is None:
            self._step = flow.begin("", NOON, CommandId(_ids.new()), self._context)
        else:
            self._step = Step(state)
        self._said = 0

    @property
    def state(self) -> Any:
        """Return where the flow stands."""
        return self._step.state

    def __rshift__(self, event: Any) -> Playbook:
        """Hand an event to the flow; everything the last one led to must have been said."""
        self._nothing_unsaid()
        self._last = event
        self._step = self._flow.handle(self._step.state, event, self._context)
        self._said = 0
        return self

    def __lshift__(self, effect: Any) -> Playbook:
        """Expect an effect: an equal one, one of a class, a refusal by its reason, or one that a predicate accepts."""
        left = self._step.effects[self._said :]
        if not left:
            raise AssertionError(f"after {_words(self._last)} nothing more happened, expected {_words(effect)}")
        if not _fits(left[0], effect):
            raise AssertionError(f"after {_words(self._last)}\n{_difference(effect, left[0])}")
        self._said += 1
        return self

    def answers(self, answer: Any) -> Playbook:
        """Answer the question that was asked just now."""
        ask = next(each for each in self._step.effects if isinstance(each, Ask))
        self._said = len(self._step.effects)
        return self >> Answered(ask.query, answer, NOON, CommandId(_ids.new()))

    def refuses(self, reason: Reason) -> Playbook:
        """Expect a refusal and nothing else."""
        return self << (lambda effect: isinstance(effect, Refuse) and effect.refusal.reason is reason)

    def ends(self, state: Any) -> Playbook:
        """Expect that nothing is left unsaid and that the flow stands at a state, or at one of a class."""
        self._nothing_unsaid()
        if isinstance(state, type):
            assert isinstance(self.state, state), f"stands at {_words(self.state)}, expected {state.__name__}"
        elif self.state != state:
            raise AssertionError(_difference(state, self.state))
        return self

    def _nothing_unsaid(self) -> None:
        left = self._step.effects[self._said :]
        if left:
            raise AssertionError(f"after {_words(self._last)} nobody named {[_words(each) for each in left]}")


def _fits(effect: Any, wanted: Any) -> bool:
    if isinstance(wanted, type):
        # `<< Run`, `<< Ask`, or the class of the command that is run, of the query that is asked.
        inner = effect.command if isinstance(effect, Run) else effect.query if isinstance(effect, Ask) else None
        return isinstance(effect, wanted) or isinstance(inner, wanted)
    if isinstance(wanted, Reason):
        return isinstance(effect, Refuse) and effect.refusal.reason is wanted
    if callable(wanted) and not is_dataclass(wanted):
        return bool(wanted(effect))
    return bool(effect == wanted)


def _words(value: Any) -> str:
    if value is None:
        return "the beginning"
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, Say):
        return f"Say({value.note}, {dict(value.facts)})"
    if isinstance(value, Refuse):
        return f"Refuse({value.refusal.reason}, {dict(value.refusal.facts)})"
    return repr(value)


def _difference(wanted: Any, got: Any) -> str:
    first, second = (pformat(_plain(each), width=100).splitlines() for each in (wanted, got))
    return "\n".join(unified_diff(first, second, "expected", "got", lineterm=""))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


class PowerCut(Exception):
    """The desk was switched off at a named point."""


class Desk:
    """A real station over a bench's database, on one thread: inputs in, feedback out, one operator signed in."""

    def __init__(
        self,
        bench: Bench,
        flows: Mapping[str, Flow],
        *,
        begin: str,
        roles: str = "picker,packer,lead",
        place: LocationId = BENCH,
        policies: Mapping[str, str] | None = None,
        people: bool = False,
        station: StationId = STATION,
    ) -> None:
        """Switch on: resume what the file says, else begin at `begin`.

        Args:
            bench: the database.
            flows: by name.
            begin: the flow to begin with.
            roles: of whoever is signed in.
            place: the bench's location.
            policies: how strict each check is; a restart reads them anew.
            people: whether badges, sessions and policies are the database's; else a picker called Mara is signed in.
            station: which of the site's it is.
        """
        self.people, self.station = people, station
        self.bench = bench
        self.place = place
        self.policies: Mapping[str, str] = policies or {}
        self._flows = {begin: flows[begin], **flows}
        self._roles = roles
        self.person = PICKER
        self.told: list[Feedback] = []
        self.cut: str = ""
        """``before`` or ``after``: pull the plug before or after the next commit."""
        self._held: list[tuple[Work, Future[Outcome]]] | None = None
        self._switch_on()

    def _switch_on(self) -> None:
        self._connection = self.bench.database.reader()
        self._book = PolicyBook(SITE, self.station)
        self.bench.listeners.append(self._book.changed)
        operator = Operator(self.person, NO_SESSION, "Mara", self._roles, "en", "first_day")
        world = World(
            reader=self._connection,
            submit=self._submit,
            deliver=lambda call: call(),
            clock=self.bench.clock,
            ids=self.bench.ids,
            read_code=self._read,
            operator=lambda connection: signed_in(connection, SITE, self.station) if self.people else operator,
            policies=self._policies,
            today=lambda _at: TODAY,
        )
        self._station = Station(
            world, self._flows, site=SITE, station=self.station, bench=self.place, listener=self.told.append
        )
        self._station.start()
        self._station.painted()

    def _policies(self, connection: Any, operator: Operator | None) -> Resolved:
        said = policies(self.policies)
        if not self.people or operator is None:
            return said
        known = self._book(connection, operator.person, operator.preset)
        return replace(known, wide={**known.wide, **{Check(each): said.wide[Check(each)] for each in self.policies}})

    def _submit(self, work: Work) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        if self._held is not None:
            self._held.append((work, future))
            return future
        if self.cut == "before" and work.command is not None:
            raise PowerCut
        outcome = self.bench.executor.perform(work)
        if isinstance(outcome, Done):
            self._book.changed(outcome.changes)
        if self.cut == "after" and work.command is not None:
            raise PowerCut
        future.set_result(outcome)
        return future

    def _read(self, connection: Any, given: Input, event: CommandId) -> Scanned | Pressed:
        return read_input(connection, SITE, given.text, event=event, at=given.at, today=_DAY, kind=given.kind)

    def switch_off(self) -> None:
        """Let go of the database; whatever was under way is lost."""
        self._connection.close()

    def restart(self) -> Desk:
        """Switch off and on again."""
        self.switch_off()
        self.cut = ""
        self._switch_on()
        return self

    def hear(self, news: Changes) -> Feedback:
        """Let rows come from elsewhere."""
        return self._do(lambda: self._station.hear(news))

    @property
    def state(self) -> Any:
        return self._station.state

    @property
    def flow(self) -> str:
        return self._station.flow

    @property
    def operator(self) -> Operator | None:
        return self._station.operator

    @property
    def last(self) -> Feedback:
        return self.told[-1]

    def _do(self, act: Callable[[], None], *, reflex: bool = False) -> Feedback:
        self.bench.clock.tick(100 if reflex else 2000)
        act()
        self._station.painted()
        return self.last

    def scan(self, code: str, *, typed: bool = False, reflex: bool = False) -> Feedback:
        """Scan a code, by default after having looked at the screen."""
        return self._do(lambda: self._station.scan(code, typed=typed), reflex=reflex)

    def type_pin(self, pin: str) -> Feedback:
        """Type a PIN on the numeric keys."""
        return self._do(lambda: self._station.enter_secret(pin))

    def weigh(self, grams: int) -> Feedback:
        """Let the scale settle on a weight."""
        return self._do(lambda: self._station.weigh(grams))

    def backlog(self, *codes: str) -> list[Feedback]:
        """Scan codes 50 ms apart, all of them before the first one is committed; return what was said to them."""
        before, self._held = len(self.told), []
        self.bench.clock.tick(2000)
        for code in codes:
            self.bench.clock.tick(50)
            self._station.scan(code)
        held, self._held = self._held, None
        for work, future in held:
            future.set_result(self.bench.executor.perform(work))
        self._station.painted()
        return self.told[before:]

    def press(self, verb: Verb, argument: str = "") -> Feedback:
        return self._do(lambda: self._station.press(verb, argument))

    def go(self, flow: str, argument: str = "") -> Feedback:
        return self._do(lambda: self._station.go(flow, argument))

    def take(self, *gestures: str | Verb | tuple[Verb, str]) -> Any:
        """Do gestures that must all be accepted, and return the state they lead to."""
        for each in gestures:
            match each:
                case Verb():
                    said = self.press(each)
                case (verb, argument):
                    said = self.press(verb, argument)
                case _:
                    said = self.scan(each)
            assert said.outcome is GestureOutcome.ACCEPTED, (each, said.refusal, type(self.state).__name__)
        return self.state

    def refuses(self, gesture: str | Verb | tuple[Verb, str], *, reflex: bool = False) -> tuple[Reason, dict[str, Any]]:
        """Do a gesture that must be refused: one gesture row is written and nothing else; return reason and facts."""
        before, state = self.bench.dump(without=frozenset({"gesture"})), self.state
        match gesture:
            case Verb():
                said = self.press(gesture)
            case (verb, argument):
                said = self.press(verb, argument)
            case _:
                said = self.scan(gesture, reflex=reflex)
        assert said.refusal is not None, (gesture, type(self.state).__name__, said.note)
        assert self.state == state, "a refusal changes nothing"
        assert self.bench.dump(without=frozenset({"gesture"})) == before
        return said.refusal.reason, dict(said.refusal.facts)

    def inside(self, seen: Sequence[str]) -> int:
        """Return how many statements ran, those within a set (`core.kernel.together`) counted one by one."""
        made = sa.text("SELECT sql FROM sqlite_temp_master WHERE type = 'trigger' AND tbl_name = :name")
        sets = [sql.split(" ")[2] for sql in seen if sql.startswith("INSERT INTO set_")]
        with self.bench.executor.connection.begin():
            bodies = [self.bench.executor.connection.execute(made, {"name": name}).scalar_one() for name in sets]
        sent = [sql for sql in seen if not sql.startswith("CREATE TEMP ")]
        return len(sent) - len(sets) + sum(str(body).count(";") for body in bodies)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Collect every SQL statement of the writer and the reader, BEGIN and COMMIT included."""
        seen: list[str] = []

        def sent(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        def ended(_connection: Any) -> None:
            seen.append("COMMIT")

        engines = {self.bench.executor.connection.engine, self._connection.engine}
        for each in engines:
            sa.event.listen(each, "before_cursor_execute", sent)
            sa.event.listen(each, "commit", ended)
        try:
            yield seen
        finally:
            for each in engines:
                sa.event.remove(each, "before_cursor_execute", sent)
                sa.event.remove(each, "commit", ended)
