"""A scenario for the virtual bench: a list of steps, looked over as a whole before the first is played.

What each device can be told is written down here as fields with what they hold; a test tells the devices all of it. The
one thing a newcomer would get wrong: a step that a device would not understand stops the scenario before anything
starts, since half a scenario proves nothing.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.kernel.refusal import Fault
from printing.simulation.machine import SENTENCES, Machine

PRINTER, SCANNER, SCALE = "printer", "scanner", "scale"
LONGEST_WAIT_MS = 60_000
_TEXT, _MAYBE_TEXT, _HEX, _GRAMS = "a text", "a text, or left out", "bytes in hexadecimal", "a whole number of grams"
_PLUGGED: Mapping[str, Mapping[str, str]] = {
    "freeze": {}, "thaw": {}, "noise": {"hex": _HEX}, "unplug": {}, "plug": {}, "state": {},
}  # fmt: skip
_READ = {"code": _TEXT, "aim": _MAYBE_TEXT}
WISHES: Mapping[str, Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        SCANNER: {**_PLUGGED, "scan": _READ, "half": _READ, "store": _READ, "in_range": {}},
        SCALE: {**_PLUGGED, "put": {"grams": _GRAMS}, "half": {}, "moving": {}, "still": {}},
    }
)
"""What a scanner and a scale do, with the fields of each and what those hold."""


class ScenarioFault(Fault):
    """A scenario that cannot be played as it is written."""


def scenario_of(file: Path) -> list[dict[str, Any]]:
    """Return the steps of a scenario file: a JSON list of objects, each `{"wait_ms": N}` or `{"to": DEVICE, "do": …}`.

    Raises:
        ScenarioFault: it is no such list, naming the step and its field.
    """
    try:
        steps = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as e:
        raise ScenarioFault(f"{file}: {e}") from e
    if not isinstance(steps, list):
        raise ScenarioFault(f"{file}: a scenario is a list of steps")
    for n, step in enumerate(steps, 1):
        reason = wrong_wait(step) if isinstance(step, dict) and "wait_ms" in step else wrong_wish(step)
        if reason:
            raise ScenarioFault(f"{file}, step {n}: {reason}")
    return steps


def wrong_wait(step: Mapping[str, Any]) -> str:
    """Return what is wrong with a pause; empty where nothing is."""
    ms = step["wait_ms"]
    if type(ms) is int and 0 <= ms <= LONGEST_WAIT_MS and len(step) == 1:
        return ""
    return f"wait_ms is a number from 0 to {LONGEST_WAIT_MS}, and stands alone"


def wrong_wish(step: Any) -> str:
    """Return what is wrong with a step for a device, by its field; empty where nothing is."""
    match step:
        case {"to": str(device), "do": str(do)}:
            said = {name: value for name, value in step.items() if name not in ("to", "do")}
        case _:
            return 'a step is {"wait_ms": N} or {"to": DEVICE, "do": WHAT, …}'
    if device == PRINTER:
        fields: Mapping[str, str] = {}
        understood = do == "state" or Machine(dpi=203).script(do.lower())
        known = (*SENTENCES, "state")
    elif device in WISHES:
        fields, understood, known = WISHES[device].get(do, {}), do in WISHES[device], tuple(WISHES[device])
    else:
        return f"to is one of {PRINTER}, {SCANNER}, {SCALE}, not {device!r}"
    if not understood:
        return f"do: a {device} knows no {do!r}, but {', '.join(known)}"
    for name in said:
        if name not in fields:
            return f"{name}: {do!r} of a {device} has no such field"
    wrong = next((name for name, what in fields.items() if not _holds(said.get(name), what)), "")
    return f"{wrong} is {fields[wrong]}" + (f", not {said[wrong]!r}" if wrong in said else "") if wrong else ""


def _holds(value: object, what: str) -> bool:
    if what == _GRAMS:
        return type(value) is int
    if what == _MAYBE_TEXT and value is None:
        return True
    if not isinstance(value, str) or not value:
        return False
    if what != _HEX:
        return True
    try:
        return bool(bytes.fromhex(value))
    except ValueError:
        return False
