"""GS1 element strings: the rules of every application identifier, and what a message made of them says.

The rules are data (`resources/gs1/identifiers.txt`), read once. Sources: GS1 General Specifications, section 3 (the
identifiers), 4.14 (which go together), 7.8 (parsing), 7.12 (the century of a date). The thing a newcomer would get
wrong: only a few identifiers have a fixed length; all others run to the separator, and some scanners drop it. Hence
`lost_separator_alternatives`: a lot that ends in what would be a date is not believed from an unproven device.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypedDict

from core.catalog.gs1_checks import CHECKS, CSET39, CSET64, CSET82, DIGITS, Check
from core.catalog.readings import Day, Elements, Flaw, Gs1Reading, Rejected

SEPARATOR = "\x1d"

_KINDS: Mapping[str, re.Pattern[str]] = {"N": DIGITS, "X": CSET82, "Y": CSET39, "Z": CSET64}
_DATES = ("11", "13", "15", "16", "17")
_CHECKED_KEYS = ("00", "01", "02")
_SIGNATURE = "8030"
_WITHOUT_SERIAL = {"253": 13, "255": 13, "8003": 14}
"""How long the keys are of which a serial is a part that may be absent."""
_DATE_LENGTH = 8
"""An identifier of two digits and a date of six."""
_YEARS_BACK, _YEARS_AHEAD = 5, 10

# Grams in 10^8 pounds, so that 453.59237 g/lb stays whole (international avoirdupois pound, 1959).
_GRAMS_PER_KILOGRAM = (1_000, 1)
_GRAMS_PER_POUND = (45_359_237, 100_000)
_WEIGHTS = (
    ("310", _GRAMS_PER_KILOGRAM),
    ("320", _GRAMS_PER_POUND),
    ("330", _GRAMS_PER_KILOGRAM),
    ("340", _GRAMS_PER_POUND),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an identifier's value: its characters, its length and the checks it must pass."""

    pattern: re.Pattern[str]
    shortest: int
    longest: int
    optional: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    """The rule of one application identifier."""

    ai: str
    fixed: bool
    """No separator is needed after it."""
    in_query: bool
    """It may stand in the query of a Digital Link."""
    parts: tuple[Part, ...]
    longest: int
    needs: tuple[tuple[frozenset[str], ...], ...]
    """Ways to be complete; each names sets of which one member each must be on the same goods."""
    never: frozenset[str]
    qualifiers: tuple[tuple[str, ...], ...] | None
    """Sequences that may follow it in the path of a Digital Link; None if it is no key there."""


class Facts(TypedDict):
    """The fields of a `Gs1Reading`, which a Digital Link shares."""

    ais: Elements
    gtin: str | None
    content_gtin: str | None
    sscc: str | None
    lot: str | None
    serial: str | None
    expiry: str | None
    best_before: str | None
    count: int | None
    weight_grams: int | None
    lacks: tuple[str, ...]


@cache
def identifiers() -> Mapping[str, Identifier]:
    """Return the rule of every application identifier by its number."""
    text = (files("resources") / "gs1" / "identifiers.txt").read_text(encoding="ascii")
    lines = [[cell.strip() for cell in line.split(";")] for line in text.splitlines() if line and line[0] != "#"]
    named = [(ai, line) for line in lines for ai in _expand(line[0])]
    every = frozenset(ai for ai, _ in named)
    return {ai: _identifier(ai, line, every) for ai, line in named}


def _expand(numbers: str) -> list[str]:
    expanded = []
    for item in numbers.split():
        first, _, last = item.partition("-")
        expanded += [str(number).zfill(len(first)) for number in range(int(first), int(last or first) + 1)]
    return expanded


def _identifier(ai: str, line: list[str], every: frozenset[str]) -> Identifier:
    _, flags, parts, needs, never, link = line
    read = tuple(_part(part) for part in parts.split())
    return Identifier(
        ai=ai,
        fixed="f" in flags,
        in_query="q" in flags,
        parts=read,
        longest=sum(part.longest for part in read),
        needs=tuple(tuple(_matching(one, ai, every) for one in way.split("+")) for way in _listed(needs)),
        never=frozenset[str]().union(*(_matching(one, ai, every) for one in _listed(never))) - {ai},
        qualifiers=None if link == "-" else tuple(tuple(_listed(way)) for way in link.replace("*", "-").split("|")),
    )


def _listed(cell: str) -> list[str]:
    return [] if cell == "-" else cell.split(",")


def _matching(pattern: str, ai: str, every: frozenset[str]) -> frozenset[str]:
    return _of_shape(ai[:3] + "n" if pattern == "~" else pattern, every)


@cache
def _of_shape(pattern: str, every: frozenset[str]) -> frozenset[str]:
    """Return the identifiers of a shape, looked for once a shape: the first scan waits for all of them."""
    shape = re.compile(pattern.replace("n", "[0-9]"))
    return frozenset(other for other in every if shape.fullmatch(other))


def _part(text: str) -> Part:
    form, *checks = text.split("/")
    length = form[1:].removesuffix("?")
    longest = int(length.removeprefix(".."))
    shortest = 1 if length.startswith("..") else longest
    return Part(_KINDS[form[0]], shortest, longest, form.endswith("?"), _checks(form[0], checks))


def _checks(kind: str, names: list[str]) -> tuple[Check, ...]:
    padding = (CHECKS["cset64"],) if kind == "Z" else ()
    return padding + tuple(CHECKS[name] for name in names)


def value_flaw(identifier: Identifier, value: str) -> Flaw | None:
    """Return what is wrong with the value of an identifier, or None."""
    if len(value) > identifier.longest:
        return Flaw.TOO_LONG
    at = 0
    for part in identifier.parts:
        piece = value[at : at + part.longest]
        at += len(piece)
        if piece == "" and part.optional:
            continue
        if len(piece) < part.shortest:
            return Flaw.BAD_LENGTH
        if not part.pattern.fullmatch(piece):
            return Flaw.BAD_CHARACTER
        for check in part.checks:
            flaw = check(piece)
            if flaw is not None:
                return flaw
    return Flaw.TOO_LONG if at < len(value) else None


def identifier_at(message: str, at: int) -> Identifier | None:
    """Return the identifier that starts at a place in a message; no identifier is the beginning of another."""
    known = identifiers()
    for length in (2, 3, 4):
        found = known.get(message[at : at + length])
        if found is not None:
            return found
    return None


def split_message(message: str) -> Elements | Rejected:
    """Return the elements of a message without its symbology id; a leading and a trailing separator are tolerated.

    A separator after an identifier of fixed length is needless but allowed (GenSpecs 7.8.5).
    """
    message = message.removeprefix(SEPARATOR).removesuffix(SEPARATOR)
    if message == "":
        return Rejected(Flaw.EMPTY)
    elements: dict[str, str] = {}
    at = 0
    while at < len(message):
        if message[at] == SEPARATOR:
            return Rejected(Flaw.EMPTY, SEPARATOR)
        identifier = identifier_at(message, at)
        if identifier is None:
            return Rejected(Flaw.UNKNOWN_IDENTIFIER, message[at : at + 4].partition(SEPARATOR)[0])
        start = at + len(identifier.ai)
        limit = min(start + identifier.longest, len(message)) if identifier.fixed else len(message)
        separator = message.find(SEPARATOR, start, limit + 1)
        end = limit if separator < 0 else separator
        value = message[start:end]
        flaw = value_flaw(identifier, value) or _repeated(elements, identifier.ai, value)
        if flaw is not None:
            return Rejected(flaw, identifier.ai)
        elements[identifier.ai] = value
        at = end + 1 if end == separator else end
    return tuple(elements.items())


def _repeated(elements: dict[str, str], ai: str, value: str) -> Flaw | None:
    return Flaw.REPEATED_IDENTIFIER if elements.get(ai, value) != value else None


def forbidden(ais: Elements) -> str | None:
    """Return the first identifier that must not be beside another one of the message."""
    known = identifiers()
    present = {ai for ai, _ in ais}
    return next((ai for ai, _ in ais if known[ai].never & present), None)


def lacking(ais: Elements) -> tuple[str, ...]:
    """Return the identifiers whose required companions are not in the message.

    A digital signature (8030) signs one thing: a key whose serial may be absent counts for it only with one.
    """
    known = identifiers()
    present = {ai for ai, _ in ais}
    if _SIGNATURE in present and any(len(value) == _WITHOUT_SERIAL.get(ai) for ai, value in ais):
        present -= _WITHOUT_SERIAL.keys()
    return tuple(ai for ai, _ in ais if known[ai].needs and not _complete(known[ai], present))


def _complete(identifier: Identifier, present: set[str]) -> bool:
    return any(all(one & present for one in way) for way in identifier.needs)


def gs1_reading(ais: Elements, today: Day) -> Gs1Reading:
    """Return what a message says, its values put into the terms of the floor."""
    return Gs1Reading(**facts_of(ais, today))


def facts_of(ais: Elements, today: Day) -> Facts:
    """Return the parts of a message that a floor asks for."""
    found = dict(ais)
    expiry = found.get("17", found.get("7003", "")[:6])
    count = found.get("37") if "02" in found or "8026" in found else found.get("30")
    return {
        "ais": ais,
        "gtin": found.get("01") or found.get("03") or found.get("8006", "")[:14] or None,
        "content_gtin": found.get("02") or found.get("8026", "")[:14] or None,
        "sscc": found.get("00"),
        "lot": found.get("10"),
        "serial": found.get("21"),
        "expiry": iso_date(expiry, today),
        "best_before": iso_date(found.get("15", ""), today),
        "count": None if count is None else int(count),
        "weight_grams": _weight_grams(ais),
        "lacks": lacking(ais),
    }


def _weight_grams(ais: Elements) -> int | None:
    for prefix, (grams, divisor) in _WEIGHTS:
        for ai, value in ais:
            if len(ai) == 4 and ai.startswith(prefix):
                whole = divisor * int("1" + "0" * int(ai[3]))
                return (2 * int(value) * grams + whole) // (2 * whole)
    return None


def full_year(two_digits: int, this_year: int) -> int:
    """Return the year that two digits mean: the nearest, from 49 years back to 50 ahead (GenSpecs 7.12)."""
    gap = two_digits - this_year % 100
    century = this_year - this_year % 100
    if gap >= 51:
        century -= 100
    elif gap <= -50:
        century += 100
    return century + two_digits


def iso_date(yymmdd: str, today: Day) -> str | None:
    """Return a date of six digits as ISO 8601, the last day of the month for a day of 00; None for what is no date."""
    if CHECKS["yymmd0"](yymmdd) is not None:
        return None
    year = full_year(int(yymmdd[:2]), today[0])
    month = int(yymmdd[2:4])
    last = monthrange(year, month)[1]
    day = int(yymmdd[4:]) or last
    return f"{year:04}-{month:02}-{min(day, last):02}"


def lost_separator_alternatives(message: str, today: Day) -> tuple[Elements, ...]:
    """Return what a message without any separator may have been before one was lost.

    Only a chain that begins with a plausible date and then fills the message to its end counts as evidence: any chain
    of identifiers would suspect a quarter of all good numeric lots, this one next to none.
    """
    head, last_ai, tail = _leading_elements(message)
    if last_ai is None:
        return ()
    identifier = identifiers()[last_ai]
    found = []
    for cut in range(1, min(identifier.longest, len(tail) - _DATE_LENGTH) + 1):
        chain = _date_chain(tail[cut:], today)
        whole = (*head, (last_ai, tail[:cut]), *chain)
        if chain and value_flaw(identifier, tail[:cut]) is None and _all_differ(whole) and forbidden(whole) is None:
            found.append(whole)
    return tuple(found)


def after_key(message: str) -> str | None:
    """Return what follows the trade item or handling unit that begins a message; None if its check digit is not right."""
    key = identifiers().get(message[:2]) if message.startswith(_CHECKED_KEYS) else None
    if key is None or value_flaw(key, message[2 : 2 + key.longest]) is not None:
        return None
    return message[2 + key.longest :]


def fits_without_separators(message: str) -> bool:
    """Return whether elements with right values fill a message if separators were lost anywhere in it."""
    fits = [False] * len(message) + [True]
    for at in reversed(range(len(message))):
        identifier = identifier_at(message, at)
        if identifier is not None:
            start = at + len(identifier.ai)
            shortest = identifier.longest if identifier.fixed else 1
            ends = range(start + shortest, min(start + identifier.longest, len(message)) + 1)
            fits[at] = any(fits[end] and value_flaw(identifier, message[start:end]) is None for end in ends)
    return fits[0]


def _leading_elements(message: str) -> tuple[Elements, str | None, str]:
    """Return the fixed elements in front, the first one that runs to the end of the message, and its text."""
    head: list[tuple[str, str]] = []
    at = 0
    while at < len(message):
        identifier = identifier_at(message, at)
        if identifier is None:
            break
        start = at + len(identifier.ai)
        if not identifier.fixed:
            return tuple(head), identifier.ai, message[start:]
        at = start + identifier.longest
        if value_flaw(identifier, message[start:at]) is not None:
            break
        head.append((identifier.ai, message[start:at]))
    return (), None, ""


def _date_chain(text: str, today: Day) -> Elements:
    """Return the dates and at most one last variable identifier that fill a text, or nothing."""
    chain: list[tuple[str, str]] = []
    at = 0
    while text[at : at + 2] in _DATES and _plausible(text[at + 2 : at + _DATE_LENGTH], today):
        chain.append((text[at : at + 2], text[at + 2 : at + _DATE_LENGTH]))
        at += _DATE_LENGTH
    if at == len(text) or not chain:
        return tuple(chain)
    last = identifier_at(text, at)
    if last is None or last.fixed or value_flaw(last, text[at + len(last.ai) :]) is not None:
        return ()
    return (*chain, (last.ai, text[at + len(last.ai) :]))


def _plausible(yymmdd: str, today: Day) -> bool:
    date = iso_date(yymmdd, today) or ""
    earliest = f"{today[0] - _YEARS_BACK:04}-{today[1]:02}-{today[2]:02}"
    latest = f"{today[0] + _YEARS_AHEAD:04}-{today[1]:02}-{today[2]:02}"
    return earliest <= date <= latest


def _all_differ(ais: Elements) -> bool:
    return len({ai for ai, _ in ais}) == len(ais)
