"""Carriers' tracking numbers: whose number a text may be, by its form and its check digit.

The forms are data (`resources/tracking/formats.toml`), read once. A form is weak evidence: any fourteen digits look like
somebody's parcel, and one wrong number in ten passes a check digit. So these are readings beside others, never a decision, and
they say which of them a check vouches for.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.catalog.command_codes import check_character
from core.catalog.gs1_checks import CHECKS, mod10_check
from core.catalog.readings import TrackingReading

_BLANK = " "
_SHORTEST, _LONGEST = 10, 41
"""Characters of a number, blanks left out: nothing shorter or longer is looked at."""


@dataclass(frozen=True, slots=True)
class _Format:
    """One way in which a carrier numbers its parcels."""

    id: str
    carrier: str
    pattern: re.Pattern[str]
    check: Callable[[str], str] | None
    lead: str
    in_gs1: bool
    own: bool

    def fits(self, number: str) -> bool:
        """Return whether a number has this form and the check digit that belongs to it."""
        match = self.pattern.fullmatch(number)
        if match is None:
            return False
        parts = match.groupdict()
        if CHECKS["iso3166alpha2"](parts.get("country", "DE")) is not None:
            return False
        if self.check is None:
            return True
        body = match["body"]
        if not body.startswith(self.lead):
            body = self.lead + body
        return self.check(body) == match["check"]


def read_tracking(text: str, *, gs1: bool = False) -> tuple[TrackingReading, ...]:
    """Return whose tracking number a text may be, the likeliest first.

    Args:
        text: as it was scanned; blanks between its digits do not count, nor does whether letters are capitals.
        gs1: whether the symbol is a GS1 one, which few carriers put a number into.
    """
    number = text.replace(_BLANK, "").upper() if text.isascii() else ""
    if not _SHORTEST <= len(number) <= _LONGEST:
        return ()
    return tuple(
        TrackingReading(each.carrier, number, each.id, (each.check is not None) + each.own)
        for each in _formats()
        if (each.in_gs1 or not gs1) and each.fits(number)
    )


@cache
def _formats() -> tuple[_Format, ...]:
    text = (files("resources") / "tracking" / "formats.toml").read_text(encoding="utf-8")
    return tuple(
        _Format(
            each["id"], each["carrier"], re.compile(each["pattern"]), _CHECKS[each["check"]] if "check" in each else None,
            each.get("lead", ""), each.get("in_gs1", False), each.get("own", False),
        )
        for each in tomllib.loads(text)["format"]
    )  # fmt: skip


# Check digits; each takes the body and returns what has to stand behind it.


def _doubled(body: str) -> str:
    """Every second character counts twice, from the second on; a letter counts as the digit it is three places off from."""
    values = [int(each) if each.isdecimal() else (ord(each) - 3) % 10 for each in body]
    return str(-(sum(values[::2]) + 2 * sum(values[1::2])) % 10)


def _luhn(body: str) -> str:
    """ISO/IEC 7812: from the right end every second digit counts twice, digit by digit."""
    doubled = "".join(str(2 * int(each)) for each in body[-1::-2])
    return str(-(sum(map(int, doubled)) + sum(map(int, body[-2::-2]))) % 10)


def _mod7(body: str) -> str:
    return str(int(body) % 7)


def _weighted_137(body: str) -> str:
    """Weights 1, 3, 7, 1, … from the right end, the sum modulo 11, ten as nought."""
    total = sum(int(each) * (1, 3, 7)[place % 3] for place, each in enumerate(reversed(body)))
    return str(total % 11 % 10)


def _s10(body: str) -> str:
    """UPU S10: weights 8 6 4 2 3 5 9 7, what is missing to a multiple of 11; ten as nought, eleven as five."""
    missing = 11 - sum(int(each) * weight for each, weight in zip(body, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {10: "0", 11: "5"}.get(missing, str(missing))


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "mod10": mod10_check,
    "doubled": _doubled,
    "luhn": _luhn,
    "mod7": _mod7,
    "weighted_137": _weighted_137,
    "mod37_36": check_character,
    "s10": _s10,
}
