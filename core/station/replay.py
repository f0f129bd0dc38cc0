"""A station driven by lines of text: what support and testers use, and what the player writes.

One event a line, one JSON object out per event (`docs/replay.md`). The pump below is all the concurrency there is: the
writer's outcomes come back through it, on the caller's thread.
"""

import queue
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from core.kernel import codec
from core.kernel.flow import Verb
from core.kernel.reasons import Reason
from core.kernel.refusal import Fault
from core.station.station import Feedback, Station

Delivery = Callable[[], None]


class ScriptFault(Fault):
    """A line of a script cannot be understood; the message names line and text."""


class Pump:
    """Carries calls from other threads to the one that owns the station."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._calls: queue.SimpleQueue[Delivery] = queue.SimpleQueue()

    def deliver(self, call: Delivery) -> None:
        """Hand over a call, from any thread."""
        self._calls.put(call)

    def run_until(self, done: Callable[[], bool], *, timeout_s: float = 30.0) -> None:
        """Run calls until `done` says so.

        Raises:
            TimeoutError: no call came for so long.
        """
        while not done():
            try:
                call = self._calls.get(timeout=timeout_s)
            except queue.Empty as e:
                raise TimeoutError(f"nothing happened for {timeout_s} s") from e
            call()

    def idle(self, seconds: float) -> None:
        """Wait for calls, but not longer than so many seconds."""
        try:
            call = self._calls.get(timeout=seconds)
        except queue.Empty:
            return
        call()


class Settings(Protocol):
    """What a script can do to the world around the station."""

    def wait_ms(self, ms: int) -> None:
        """Let time pass."""

    def wait_printer(self) -> None:
        """Wait until no print job is under way."""

    def labels(self) -> tuple[str, ...]:
        """Return the codes of labels printed since the last call."""

    def elapsed_ns(self) -> int:
        """Return a clock for measuring."""

    def words(self, feedback: Feedback) -> str:
        """Return the sentence an operator would read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a script."""

    number: int
    verb: str
    argument: str

    @property
    def text(self) -> str:
        """Return the line as it would be written."""
        return f"{self.verb} {self.argument}".strip()


VERBS = ("badge", "scan", "type", "pin", "key", "weight", "open", "wait")


def read_script(text: str) -> Iterator[Line]:
    """Yield the events of a script; blank lines and ``#`` comments are passed over.

    Raises:
        ScriptFault: a line begins with an unknown word.
    """
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        verb, _, argument = line.partition(" ")
        if verb not in VERBS:
            raise ScriptFault(f"line {number}: {verb!r} is not one of {', '.join(VERBS)}")
        yield Line(number, verb, argument.strip())


class Replay:
    """Feeds events to a station and tells what came of each."""

    def __init__(self, station: Station, pump: Pump, settings: Settings, *, facts: bool = True) -> None:
        """Use a station whose listener is `heard`.

        Args:
            station: the station.
            pump: what carries its outcomes.
            settings: the world around it.
            facts: whether to tell what the state holds; on a day nobody reads it costs as much as the work.
        """
        self._facts = facts
        self._station = station
        self._pump = pump
        self._settings = settings
        self._heard: list[Feedback] = []

    def heard(self, feedback: Feedback) -> None:
        """Take the station's feedback; the screen of a replay is painted at once."""
        self._heard.append(feedback)
        self._station.painted()

    @property
    def heard_last(self) -> tuple[Feedback, ...]:
        """Return everything the station said about the last line."""
        return tuple(self._heard)

    def start(self) -> dict[str, Any]:
        """Start the station and tell where it stands."""
        return self._told(Line(0, "start", ""), self._station.start)

    def perform(self, line: Line) -> dict[str, Any]:
        """Do one line.

        Raises:
            ScriptFault: its argument cannot be understood.
        """
        return self._told(line, self._action(line))

    def _action(self, line: Line) -> Delivery:
        station, argument = self._station, line.argument
        match line.verb:
            case "badge" | "scan":
                return lambda: station.scan(argument)
            case "type":
                return lambda: station.scan(argument, typed=True)
            case "pin":
                return lambda: station.enter_secret(argument)
            case "key":
                verb, _, rest = argument.upper().partition("-")
                if verb not in Verb.__members__:
                    raise ScriptFault(f"line {line.number}: {argument!r} is not a command")
                return lambda: station.press(Verb(verb), rest)
            case "weight":
                grams = _grams(line)
                return lambda: station.weigh(grams)
            case "open":
                return lambda: station.go(argument)
            case _:
                return self._wait(line)

    def _wait(self, line: Line) -> Delivery:
        if line.argument == "printer":
            return self._settings.wait_printer
        if not line.argument.isdigit():
            raise ScriptFault(f"line {line.number}: wait for the printer, or for milliseconds, not {line.argument!r}")
        return lambda: self._settings.wait_ms(int(line.argument))

    def _told(self, line: Line, action: Delivery) -> dict[str, Any]:
        self._heard.clear()
        begun = self._settings.elapsed_ns()
        action()
        self._pump.run_until(lambda: self._station.idle)
        self._nothing_was_lost()
        micros = (self._settings.elapsed_ns() - begun) // 1000
        return self._json(line, self._answer(), micros)

    def _nothing_was_lost(self) -> None:
        """Raise where the disk refused: a script has nobody who mends it and scans again."""
        for each in self._heard:
            if each.refusal is not None and each.refusal.reason is Reason.NOT_SAVED:
                raise Fault(str(each.refusal.facts["fault"]))

    def _answer(self) -> Feedback | None:
        """The answer to the line itself; what happened by itself meanwhile (a printer) only moves where it stands."""
        if not self._heard:
            return None
        last = self._heard[-1]
        own = next((each for each in reversed(self._heard) if each.input is not None), last)
        return replace(own, flow=last.flow, state=last.state, expects=last.expects)

    def _json(self, line: Line, answer: Feedback | None, micros: int) -> dict[str, Any]:
        state = self._station.state
        told: dict[str, Any] = {
            "n": line.number,
            "event": "pin ****" if line.verb == "pin" else line.text,
            "flow": self._station.flow,
            "state": type(state).__name__,
            "facts": _facts(state) if self._facts else {},
            "ms": f"{micros // 1000}.{micros % 1000:03d}",
            "labels": list(self._settings.labels()),
        }
        if answer is None:
            return told | {"outcome": "accepted", "reason": None, "expects": []}
        refusal, note = answer.refusal, answer.note
        return told | {
            "outcome": str(answer.outcome),
            "reason": None if refusal is None else str(refusal.reason),
            "reason_facts": {} if refusal is None else dict(refusal.facts),
            "prompt": self._settings.words(answer),
            "tone": str(answer.tone),
            "note": None if note is None else {"note": note.note, **note.facts},
            "expects": [{"kind": e.kind, "code": e.code, "meaning": e.meaning} for e in answer.expects],
            "changes": sorted(answer.changes.tables),
            "dropped": answer.dropped,
        }


def _grams(line: Line) -> int:
    try:
        kilograms = Decimal(line.argument)
    except InvalidOperation as e:
        raise ScriptFault(f"line {line.number}: {line.argument!r} is not a weight in kg") from e
    return int(kilograms * 1000)


def _facts(state: Any) -> Mapping[str, Any]:
    if not is_dataclass(state) or isinstance(state, type):
        return {}
    return {field.name: codec.encode(getattr(state, field.name)) for field in fields(state)}
