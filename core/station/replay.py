"""A station driven by lines of text: what support and testers use, and what the player writes.

One event a line, one JSON object out per event (`docs/replay.md`). The pump below is all the concurrency there is: the
writer's outcomes come back through it, on the caller's thread.
"""

import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from core.kernel import codec
from core.kernel.flow import Expect, Verb
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

    def wait_import(self) -> None:
        """Wait until no file is being read in."""

    def labels(self) -> tuple[str, ...]:
        """Return the codes of labels printed since the last call."""

    def elapsed_ns(self) -> int:
        """Return a clock for measuring."""

    def words(self, feedback: Feedback) -> str:
        """Return the sentence an operator would read about what happened."""

    def prompt(self, state: Any) -> str:
        """Return what the screen asks for in a state."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a script."""

    number: int
    verb: str
    argument: str
    quick: bool = False
    """Whether it does not wait for its answer: the next line comes in the same breath."""

    @property
    def text(self) -> str:
        """Return the line as it would be written."""
        shown = "****" if self.verb == "pin" else self.argument
        return f"{'quick ' * self.quick}{self.verb} {shown}".strip()


VERBS = ("badge", "scan", "type", "pin", "key", "weight", "open", "wait")
BENCHES = ("home", "pick", "pack", "dispatch", "receive", "returns", "import")
_WAITS = ("printer", "import")
_QUICK = ("badge", "scan", "type", "key", "weight")
_KILOGRAMS_MAX = 10_000
_WAIT_MS_MAX = 24 * 3_600_000


def read_script(text: str, name: str = "") -> tuple[Line, ...]:
    """Return the events of a script; blank lines and ``#`` comments are passed over.

    Raises:
        ScriptFault: a line cannot be understood; none of them was done.
    """
    found = (read_line(number, raw, name) for number, raw in enumerate(text.splitlines(), start=1))
    return tuple(line for line in found if line is not None)


def read_line(number: int, raw: str, name: str = "") -> Line | None:
    """Return the event of one line of a script, None for a blank one or a comment.

    Raises:
        ScriptFault: it cannot be understood.
    """
    words = raw.strip().lstrip("\ufeff")
    if not words or words.startswith("#"):
        return None
    place = f"{name}, line {number}" if name else f"line {number}"
    quick = words.startswith("quick ")
    verb, _, rest = words.removeprefix("quick ").strip().partition(" ")
    line = Line(number, verb, rest.strip(), quick)
    if verb not in VERBS:
        raise ScriptFault(f"{place}: {verb!r} is not one of {', '.join(VERBS)}")
    if quick and verb not in _QUICK:
        raise ScriptFault(f"{place}: only {', '.join(_QUICK)} can be quick, not {verb}")
    if not line.argument:
        raise ScriptFault(f"{place}: {verb} what?")
    problem = _problem(line)
    if problem:
        raise ScriptFault(f"{place}: {line.argument!r} {problem}")
    return line


def _problem(line: Line) -> str:
    """Return why a line's argument will not do, empty when it will."""
    match line.verb:
        case "key" if line.argument.upper().partition("-")[0] not in Verb.__members__:
            return "is not a command"
        case "weight" if _grams(line) is None:
            return "is not a weight in kg"
        case "open" if line.argument not in BENCHES:
            return f"is not one of {', '.join(BENCHES)}"
        case "wait" if line.argument not in _WAITS and not _is_wait(line.argument):
            return f"is neither milliseconds nor one of {', '.join(_WAITS)}"
        case _:
            return ""


def _is_wait(argument: str) -> bool:
    return argument.isascii() and argument.isdigit() and int(argument[:12]) <= _WAIT_MS_MAX and len(argument) <= 12


def _grams(line: Line) -> int | None:
    try:
        kilograms = Decimal(line.argument)
    except InvalidOperation:
        return None
    return int(kilograms * 1000) if kilograms.is_finite() and 0 <= kilograms <= _KILOGRAMS_MAX else None


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
        self._answered_ns = 0
        """When the last input was answered."""
        self._quick: list[Line] = []
        self._last_expects: tuple[Expect, ...] = ()

    def heard(self, feedback: Feedback) -> None:
        """Take the station's feedback; the screen of a replay is painted at once."""
        self._heard.append(feedback)
        if feedback.input is not None:
            self._answered_ns = self._settings.elapsed_ns()
        self._last_expects = feedback.expects
        self._station.painted()

    @property
    def heard_last(self) -> tuple[Feedback, ...]:
        """Return everything the station said about the last line."""
        return tuple(self._heard)

    def start(self) -> dict[str, Any]:
        """Start the station and tell where it stands."""
        return self._told(Line(0, "start", ""), self._station.start)

    def perform(self, line: Line) -> dict[str, Any]:
        """Do one line and tell what came of it; a quick one is only handed over."""
        if line.quick:
            if not self._quick:
                self._heard.clear()
            self._quick.append(line)
            self._action(line)()
            return self._where(line, "queued") | _SILENT
        return self._told(line, self._action(line))

    def rest(self, seconds: float) -> None:
        """Let time pass in which nothing is done here; what comes from elsewhere is taken up as it comes."""
        end = self._settings.elapsed_ns() + int(seconds * 1e9)
        while (left := end - self._settings.elapsed_ns()) > 0:
            self._pump.idle(left / 1e9)

    def finish(self) -> dict[str, Any] | None:
        """Wait for what was handed over and not answered; tell of it, or return None when there is nothing."""
        return self._told(Line(0, "end", ""), lambda: None) if self._quick else None

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
                return lambda: station.press(Verb(verb), rest)
            case "weight":
                return lambda: station.weigh(_grams(line) or 0)
            case "open":
                # A bench belongs to whoever signed in.
                return lambda: station.go("sign_in" if station.operator is None else argument)
            case _ if argument == "printer":
                return self._settings.wait_printer
            case _ if argument == "import":
                return self._settings.wait_import
            case _:
                return lambda: self._settings.wait_ms(int(argument))

    def _told(self, line: Line, action: Delivery) -> dict[str, Any]:
        if not self._quick:
            self._heard.clear()
        elif line.verb == "open":
            # A menu is not under the scanner: whoever opens a bench has seen the answers.
            self._pump.run_until(lambda: self._station.idle)
        begun = self._settings.elapsed_ns()
        action()
        self._pump.run_until(lambda: self._station.idle)
        self._nothing_was_lost()
        # What is looked up anew behind the answer, because others changed it, nobody waits for.
        ended = self._answered_ns if self._answered_ns >= begun and not self._quick else self._settings.elapsed_ns()
        micros = (ended - begun) // 1000
        told = self._json(line, self._answer(), micros)
        if self._quick:
            told["answered"] = self._answers(len(self._quick))
            self._quick.clear()
            self._heard.clear()
        return told

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

    def _answers(self, count: int) -> list[dict[str, Any]]:
        """What became of lines that did not wait; a scan that was dropped has no answer of its own."""
        own = [each for each in self._heard if each.input is not None][:count]
        return [
            {
                "event": "" if each.input is None else each.input.text,
                "outcome": str(each.outcome),
                "reason": None if each.refusal is None else str(each.refusal.reason),
                "dropped": each.dropped,
            }
            for each in own
        ]

    def _where(self, line: Line, outcome: str) -> dict[str, Any]:
        state = self._station.state
        return {
            "n": line.number,
            "event": line.text,
            "flow": self._station.flow,
            "state": type(state).__name__,
            "prompt": self._settings.prompt(state) if self._facts else "",
            "facts": _facts(state) if self._facts else {},
            "labels": list(self._settings.labels()),
            "outcome": outcome,
        }

    def _json(self, line: Line, answer: Feedback | None, micros: int) -> dict[str, Any]:
        told = self._where(line, "accepted") | {"ms": micros / 1000}
        if answer is None:
            return told | _SILENT | {"ms": micros / 1000, "expects": [_expect(each) for each in self._last_expects]}
        refusal, note = answer.refusal, answer.note
        return told | {
            "outcome": str(answer.outcome),
            "reason": None if refusal is None else str(refusal.reason),
            "reason_facts": {} if refusal is None else dict(refusal.facts),
            "said": self._settings.words(answer),
            "tone": str(answer.tone),
            "note": None if note is None else {"note": note.note, **note.facts},
            "expects": [_expect(each) for each in answer.expects],
            "changes": sorted(answer.changes.tables),
            "dropped": answer.dropped,
        }


_SILENT: dict[str, Any] = {
    "ms": 0.0, "reason": None, "reason_facts": {}, "said": "", "tone": "none", "note": None, "expects": [],
    "changes": [], "dropped": 0,
}  # fmt: skip
"""What a line is told with that nobody answered."""


def _expect(each: Expect) -> dict[str, str]:
    return {"kind": each.kind, "code": each.code, "meaning": each.meaning}


def _facts(state: Any) -> Mapping[str, Any]:
    if not is_dataclass(state) or isinstance(state, type):
        return {}
    return {field.name: codec.encode(getattr(state, field.name)) for field in fields(state)}
