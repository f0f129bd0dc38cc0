"""`dockside parse`: what codes can mean, without any database, for whoever tries a scanner or a label.

The line of JSON is described in docs/devices.md, name by name. The thing a newcomer would get wrong: a code is answered
whatever it is; only a file that cannot be opened is an error.
"""

import os
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from core.catalog.codes import SEPARATOR, aim_id, is_opaque, read_code
from core.catalog.in_store import InStoreRule
from core.catalog.judging import Judged, Verdict, judge
from core.catalog.readings import (
    CommandReading,
    Day,
    DigitalLinkReading,
    FillCode,
    Flaw,
    Gs1Reading,
    GtinReading,
    PlainReading,
    Said,
    SsccReading,
    TrackingReading,
)
from core.kernel.refusal import Fault
from core.stock.expiry import today_at
from desktop.in_store import read_rules
from desktop.options import HomeOption, JsonOption, say
from desktop.system import SystemClock, machine_time_zone

_WRITTEN_SEPARATOR = "{GS}"


class Device(StrEnum):
    """What is known of the device that a code comes from."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"


class UnreadableCodes(Fault):
    """A file of codes cannot be opened."""


def parse(
    codes: Annotated[
        list[str] | None, typer.Argument(help="codes as the scanner sends them; {GS} is the separator")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="a file with a code a line; - is standard input")] = None,
    device: Annotated[Device, typer.Option(help="trusted: it has shown that it passes separators on")] = Device.UNKNOWN,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what each code can mean: accepted, rejected with the reason, or ambiguous."""
    if not codes and file is None:
        raise typer.BadParameter("name codes, or a file of them with --file")
    clock = SystemClock()
    day = date.fromisoformat(today_at(clock.now_ms(), machine_time_zone()))
    today = day.year, day.month, day.day
    rules = () if home is None else read_rules(home)
    read = partial(_judged, device=device, today=today, rules=rules)
    for code, judged in chain(_given(codes or (), read), () if file is None else _lines(file, read)):
        raw = _raw(code)
        say({"code": code, "symbology": aim_id(raw), **_told(judged)}, _sentence(code, judged), as_json=as_json)


def _given(codes: Iterable[str], read: Callable[[str], Judged]) -> Iterator[tuple[str, Judged]]:
    """Yield the codes of the command line; a byte that is no text is written as a number, and the code refused."""
    for code in codes:
        yield os.fsencode(code).decode(errors="backslashreplace"), read(_raw(code))


def _raw(code: str) -> str:
    return code.replace(_WRITTEN_SEPARATOR, SEPARATOR)


def _judged(raw: str, device: Device, today: Day, rules: Sequence[InStoreRule]) -> Judged:
    readings = read_code(raw, separators_trusted=device is Device.TRUSTED, today=today, in_store=rules)
    return judge(readings, opaque=is_opaque(aim_id(raw)))


def _lines(file: Path, read: Callable[[str], Judged]) -> Iterator[tuple[str, Judged]]:
    """Yield the codes of a file, a line each; a byte that is no text is written as a number, and that line refused.

    Raises:
        UnreadableCodes: it cannot be opened.
    """
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as e:
        raise UnreadableCodes(f"{file}: {e.strerror}") from e
    # Of bytes, not of text: that would take a separator for the end of a line.
    for number, line in enumerate(content.removeprefix(BOM_UTF8).splitlines(), 1):
        try:
            code = line.decode()
        except UnicodeDecodeError as e:
            at = f"line {number}, byte {e.start + 1}"
            yield line.decode(errors="backslashreplace"), Judged(Verdict.REJECTED, (), reason=Flaw.UNREADABLE, at=at)
        else:
            yield code, read(_raw(code))


def _told(judged: Judged) -> dict[str, Any]:
    return {
        "outcome": judged.verdict.value,
        "reason": None if judged.reason is None else judged.reason.value,
        "at": judged.at.replace(SEPARATOR, _WRITTEN_SEPARATOR) or None,
        "chosen": None if judged.chosen is None else _reading(judged.chosen),
        "readings": [_reading(each) for each in judged.readings],
    }


_NOTHING: dict[str, Any] = {
    "kind": "", "ais": {}, "gtin": None, "sscc": None, "lot": None, "serial": None, "expiry": None, "count": None,
    "weight_grams": None, "carrier": None,
}  # fmt: skip


def _reading(reading: Said) -> dict[str, Any]:
    """Return a reading as it is told: the same names for every kind, then those of its own."""
    own: dict[str, Any]
    match reading:
        case PlainReading(text=text):
            own = {"kind": "plain", "text": text}
        case GtinReading(gtin14=gtin, weight_grams=grams, price=price):
            own = {"kind": "gtin", "gtin": gtin, "weight_grams": grams} | ({} if price is None else {"price": price})
        case SsccReading(sscc=sscc):
            own = {"kind": "sscc", "sscc": sscc}
        case CommandReading(verb=verb, argument=argument):
            own = {"kind": "command", "verb": verb.value, "argument": argument}
        case TrackingReading(carrier=carrier, number=number, form=form):
            own = {"kind": "tracking", "carrier": carrier, "number": number, "form": form}
        case FillCode(number=version):
            # A tote's slip is an instruction too: pack this filling, by its count of what went in and out.
            own = {"kind": "command", "verb": "FILL", "argument": str(version)}
        case Gs1Reading():
            own = _gs1(reading)
    return _NOTHING | own


def _gs1(reading: Gs1Reading) -> dict[str, Any]:
    link = {"kind": "digital_link", "uri": reading.uri} if isinstance(reading, DigitalLinkReading) else {"kind": "gs1"}
    return link | {
        "ais": dict(reading.ais), "gtin": reading.gtin, "content_gtin": reading.content_gtin, "sscc": reading.sscc,
        "lot": reading.lot, "serial": reading.serial, "expiry": reading.expiry, "best_before": reading.best_before,
        "count": reading.count, "weight_grams": reading.weight_grams, "lacks": list(reading.lacks),
    }  # fmt: skip


def _sentence(code: str, judged: Judged) -> str:
    """Return the same for people: a line for the code, one for each thing it can mean."""
    at = f" at {judged.at}" if judged.at else ""
    why = "" if judged.reason is None else f": {judged.reason.value.replace('_', ' ')}{at}"
    lines = [f"{code or '(nothing)'}  {judged.verdict}{why}"]
    for each in judged.readings:
        mark = "*" if each is judged.chosen else " "
        lines.append(f"  {mark} {_words(_reading(each))}")
    return "\n".join(map(_shown, lines))


def _shown(line: str) -> str:
    """Return a line whose characters all have a picture: others might say something to the terminal."""
    return "".join(
        each
        if each.isprintable()
        else _WRITTEN_SEPARATOR
        if each == SEPARATOR
        else each.encode("unicode_escape").decode()
        for each in line
    )


def _words(reading: dict[str, Any]) -> str:
    printed = "".join(f"({ai}){value}" for ai, value in reading["ais"].items())
    facts = (
        f"{name} {value}"
        for name, value in reading.items()
        if name not in ("kind", "ais") and value not in (None, "", [])
    )
    return "  ".join(filter(None, (f"{reading['kind']:12}", printed, ", ".join(facts))))
