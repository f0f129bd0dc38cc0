"""Code 128 and GS1-128: which code sets say some data in the fewest bars, as bars and in a printer's own words.

Both come from one plan, so the width we check is the width a printer draws. The one thing a newcomer would get wrong:
a printer left to choose the sets itself may choose wider ones than we measured, hence the explicit invocations.
Source: ISO/IEC 15417 (sets, check character), ZPL `^BC` (invocation codes).
"""

import re
from dataclasses import dataclass
from itertools import groupby

from barcode.charsets.code128 import CODES, STOP  # type: ignore[import-untyped]

GROUP_SEPARATOR = "\x1d"
QUIET_MODULES = 10
_START_B, _START_C, _TO_B, _TO_C, _FNC1 = 104, 105, 100, 99, 102
_CHECK_MODULUS = 103
_WORTH_SWITCHING = 6
_WORTH_SWITCHING_AT_END = 4
_TERMINATION_BAR = "11"
_PARTS = re.compile(r">.|.")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters in one code set: digit pairs (`C`) or printable ASCII (`B`); U+001D stands for FNC1."""

    code_set: str
    text: str


def plan(data: str, *, gs1: bool) -> tuple[Stretch, ...]:
    """Return the stretches of code sets that say `data`.

    Raises:
        ValueError: the data are empty or have a character outside printable ASCII.
    """
    if not data:
        raise ValueError("nothing to encode")
    bad = [c for c in data if not (" " <= c <= "~" or (gs1 and c == GROUP_SEPARATOR))]
    if bad:
        raise ValueError(f"{bad[0]!r} is not printable ASCII")
    stretches: list[Stretch] = []
    parts = ["".join(group) for _, group in groupby(data, key=lambda c: c.isdigit())]
    for index, part in enumerate(parts):
        _append(stretches, part, at_end=index in (0, len(parts) - 1), alone=len(parts) == 1)
    if gs1:
        first = stretches[0]
        stretches[0] = Stretch(first.code_set, GROUP_SEPARATOR + first.text)
    return tuple(stretches)


def _append(stretches: list[Stretch], part: str, *, at_end: bool, alone: bool) -> None:
    pairs = len(part) - len(part) % 2
    least = 2 if alone and pairs == len(part) else _WORTH_SWITCHING_AT_END if at_end else _WORTH_SWITCHING
    if not part.isdigit() or pairs < least:
        _extend_b(stretches, part)
    elif stretches:
        _extend_b(stretches, part[: len(part) - pairs])
        stretches.append(Stretch("C", part[len(part) - pairs :]))
    else:
        stretches.append(Stretch("C", part[:pairs]))
        _extend_b(stretches, part[pairs:])


def _extend_b(stretches: list[Stretch], text: str) -> None:
    if not text:
        return
    if stretches and stretches[-1].code_set == "B":
        stretches[-1] = Stretch("B", stretches[-1].text + text)
    else:
        stretches.append(Stretch("B", text))


def bars(stretches: tuple[Stretch, ...]) -> str:
    """Return the modules of a plan without quiet zones, `1` for a bar."""
    values = [_START_C if stretches[0].code_set == "C" else _START_B]
    for index, stretch in enumerate(stretches):
        if index:
            values.append(_TO_C if stretch.code_set == "C" else _TO_B)
        values.extend(_values(stretch))
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], start=1))) % _CHECK_MODULUS
    return "".join(str(CODES[value]) for value in (*values, check)) + str(STOP) + _TERMINATION_BAR


def _values(stretch: Stretch) -> list[int]:
    if stretch.code_set == "B":
        return [_FNC1 if c == GROUP_SEPARATOR else ord(c) - ord(" ") for c in stretch.text]
    values: list[int] = []
    rest = stretch.text
    while rest:
        if rest[0] == GROUP_SEPARATOR:
            values.append(_FNC1)
            rest = rest[1:]
        else:
            values.append(int(rest[:2]))
            rest = rest[2:]
    return values


_INVOKED = {">;": "C", ">5": "C", ">:": "B", ">6": "B"}
_SAID = {">0": ">", ">8": GROUP_SEPARATOR}


def read_zpl(data: str) -> tuple[Stretch, ...]:
    """Return the stretches that field data of `zpl` draw.

    Raises:
        ValueError: they invoke something that it never writes.
    """
    stretches: list[Stretch] = []
    for part in _PARTS.findall(data):
        if part in _INVOKED:
            stretches.append(Stretch(_INVOKED[part], ""))
            continue
        said = _SAID.get(part, part)
        if not stretches or len(said) > 1:
            raise ValueError(f"{part!r} in a code")
        stretches[-1] = Stretch(stretches[-1].code_set, stretches[-1].text + said)
    return tuple(stretches)


def zpl(stretches: tuple[Stretch, ...]) -> str:
    """Return the field data of `^BC` (mode N) that draws exactly these stretches, before any hexadecimal escape."""
    parts = []
    for index, stretch in enumerate(stretches):
        start, switch = (">;", ">5") if stretch.code_set == "C" else (">:", ">6")
        parts.append(switch if index else start)
        parts.append(stretch.text.replace(">", ">0").replace(GROUP_SEPARATOR, ">8"))
    return "".join(parts)
