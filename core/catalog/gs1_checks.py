"""The checks that parts of GS1 element strings must pass, each by the name that the rule table calls it by.

Every check takes the text of one part and answers with the flaw it found, or None. The rules are those of the GS1
General Specifications and the standards they name (ISO 3166, 4217, 5218, 7064, 13616; UN/ECE recommendation 21). The
thing a newcomer would get wrong: `str.isdigit` takes digits of any script, so digits are asked for in ASCII only.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from core.catalog.gs1_coupon import coupon, positive_offer
from core.catalog.readings import Flaw

Check = Callable[[str], Flaw | None]

CSET39 = re.compile(r"[#\-/0-9A-Z]*")
CSET64 = re.compile(r"[A-Za-z0-9_\-]*={0,2}")
CSET82 = re.compile(r'[!"%-?A-Z_a-z]*')
DIGITS = re.compile(r"[0-9]*")
_PERCENT = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*", re.DOTALL)
_POSITION = re.compile(r"([0-9]+)/([0-9]+)")
_IBAN = re.compile(r"[A-Z0-9]*")

_PAIR_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CSET82_VALUES = {
    character: value
    for value, character in enumerate(
        "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    )
}
_PAIR_MODULUS = 1021
_LONGEST_PAIRED = 97
_SHORTEST_IBAN, _LONGEST_IBAN = 5, 34
_LATITUDE_SPAN, _LONGITUDE_SPAN = 1_800_000_000, 3_600_000_000
_COORDINATE_LENGTH = 10
_SHORTEST_PREFIX = 4


def is_digits(text: str) -> bool:
    """Return whether a text is one or more ASCII digits."""
    return text.isascii() and text.isdecimal()


def mod10_check(body: str) -> str:
    """Return the GS1 check digit of a body of digits: weights 3, 1, 3, … from its right end (GenSpecs 7.9)."""
    odd = sum(map(int, body[-1::-2]))
    even = sum(map(int, body[-2::-2]))
    return str(-(3 * odd + even) % 10)


def _numeric(value: str) -> Flaw | None:
    return None if DIGITS.fullmatch(value) else Flaw.BAD_CHARACTER


def _cset82(value: str) -> Flaw | None:
    return None if CSET82.fullmatch(value) else Flaw.BAD_CHARACTER


def _cset39(value: str) -> Flaw | None:
    return None if CSET39.fullmatch(value) else Flaw.BAD_CHARACTER


def _cset64(value: str) -> Flaw | None:
    if not CSET64.fullmatch(value.rstrip("=")):
        return Flaw.BAD_CHARACTER
    padding = len(value) - len(value.rstrip("="))
    return Flaw.BAD_LENGTH if padding and (padding > 2 or len(value) % 3) else None


def _csum(value: str) -> Flaw | None:
    if value == "":
        return Flaw.BAD_LENGTH
    if not is_digits(value):
        return Flaw.BAD_CHARACTER
    return None if mod10_check(value[:-1]) == value[-1] else Flaw.BAD_CHECK_DIGIT


@cache
def _primes(count: int) -> tuple[int, ...]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return tuple(found)


def check_pair(body: str) -> str:
    """Return the two check characters of a body: prime weights from its right end, modulo 1021 (GenSpecs 7.9.5)."""
    weights = _primes(_LONGEST_PAIRED)
    total = sum(_CSET82_VALUES[character] * weight for character, weight in zip(reversed(body), weights, strict=False))
    high, low = divmod(total % _PAIR_MODULUS, len(_PAIR_ALPHABET))
    return _PAIR_ALPHABET[high] + _PAIR_ALPHABET[low]


def _csumalpha(value: str) -> Flaw | None:
    body, pair = value[:-2], value[-2:]
    if len(pair) < 2 or len(body) > _LONGEST_PAIRED:
        return Flaw.BAD_LENGTH
    if not CSET82.fullmatch(body):
        return Flaw.BAD_CHARACTER
    return None if check_pair(body) == pair else Flaw.BAD_CHECK_DIGIT


def _dated(year_digits: int, *, day_may_be_zero: bool) -> Check:
    def check(value: str) -> Flaw | None:
        if len(value) != year_digits + 4:
            return Flaw.BAD_LENGTH
        if not is_digits(value):
            return Flaw.BAD_CHARACTER
        # Two digits of a year decide leap years as in this century: every window that a station sees agrees.
        year = int(value[:year_digits]) + (2000 if year_digits == 2 else 0)
        month, day = int(value[-4:-2]), int(value[-2:])
        if not 1 <= month <= 12 or (day == 0 and not day_may_be_zero):
            return Flaw.BAD_DATE
        return None if day <= _days_in(year, month) else Flaw.BAD_DATE

    return check


def _days_in(year: int, month: int) -> int:
    # Year 0 of an eight digit date is as leap as 400, and `monthrange` knows no year 0.
    return monthrange(year or 400, month)[1]


def _numbers_below(*limits: int) -> Check:
    """Return the check of consecutive two-digit numbers, each below its limit (hours, minutes, seconds)."""

    def check(value: str) -> Flaw | None:
        if len(value) != 2 * len(limits):
            return Flaw.BAD_LENGTH
        if not is_digits(value):
            return Flaw.BAD_CHARACTER
        fits = all(int(value[2 * at : 2 * at + 2]) < limit for at, limit in enumerate(limits))
        return None if fits else Flaw.BAD_VALUE

    return check


def _coordinate(span: int) -> Check:
    def check(value: str) -> Flaw | None:
        if len(value) != _COORDINATE_LENGTH:
            return Flaw.BAD_LENGTH
        if not is_digits(value):
            return Flaw.BAD_CHARACTER
        return None if int(value) <= span else Flaw.BAD_VALUE

    return check


def _one_of(*allowed: str) -> Check:
    return lambda value: None if value in allowed else Flaw.BAD_VALUE


def _listed(*names: str) -> Check:
    return lambda value: None if any(value in _code_lists()[name] for name in names) else Flaw.BAD_VALUE


@cache
def _code_lists() -> dict[str, frozenset[str]]:
    lists: dict[str, frozenset[str]] = {"processors": frozenset({"999"})}
    text = (files("resources") / "gs1" / "code_lists.txt").read_text(encoding="ascii")
    for section in text.split("[")[1:]:
        name, _, codes = section.partition("]")
        lists[name] = frozenset(codes.split())
    return lists


def _company_prefix(before: int) -> Check:
    """Return the check that a value has a GS1 company prefix after so many characters: at least four digits.

    Whether it has been given to anybody only a service of GS1's knows, which a station does not ask.
    """

    def check(value: str) -> Flaw | None:
        prefix = value[before : before + _SHORTEST_PREFIX]
        if len(prefix) < _SHORTEST_PREFIX:
            return Flaw.BAD_LENGTH
        return None if DIGITS.fullmatch(prefix) else Flaw.BAD_VALUE

    return check


def _iban(value: str) -> Flaw | None:
    if not _SHORTEST_IBAN <= len(value) <= _LONGEST_IBAN:
        return Flaw.BAD_LENGTH
    if not _IBAN.fullmatch(value):
        return Flaw.BAD_CHARACTER
    if value[:2] not in _code_lists()["country_letters"]:
        return Flaw.BAD_VALUE
    # ISO 7064 MOD 97-10 over the number that letters (A = 10) and digits make, the first four moved to the end.
    number = "".join(str(int(character, 36)) for character in value[4:] + value[:4])
    return None if int(number) % 97 == 1 else Flaw.BAD_CHECK_DIGIT


def _importer(value: str) -> Flaw | None:
    if len(value) != 1:
        return Flaw.BAD_LENGTH
    return None if CSET64.fullmatch(value) and value != "=" else Flaw.BAD_CHARACTER


def _piece_of_total(value: str) -> Flaw | None:
    if not value or len(value) % 2:
        return Flaw.BAD_LENGTH
    if not is_digits(value):
        return Flaw.BAD_CHARACTER
    half = len(value) // 2
    return None if 1 <= int(value[:half]) <= int(value[half:]) else Flaw.BAD_VALUE


def _position_in_sequence(value: str) -> Flaw | None:
    match = _POSITION.fullmatch(value)
    if match is None or match[1][0] == "0" or match[2][0] == "0":
        return Flaw.BAD_VALUE
    return None if int(match[1]) <= int(match[2]) else Flaw.BAD_VALUE


def _percent_encoded(value: str) -> Flaw | None:
    return None if _PERCENT.fullmatch(value) else Flaw.BAD_VALUE


def _has_non_digit(value: str) -> Flaw | None:
    return Flaw.BAD_VALUE if DIGITS.fullmatch(value) else None


def _hyphens(value: str) -> Flaw | None:
    return None if value and not value.strip("-") else Flaw.BAD_VALUE


def _zero(value: str) -> Flaw | None:
    return None if value and not value.strip("0") else Flaw.BAD_VALUE


def _nonzero(value: str) -> Flaw | None:
    return _numeric(value) or (None if value.strip("0") else Flaw.BAD_VALUE)


def _no_zero_prefix(value: str) -> Flaw | None:
    return _numeric(value) or (Flaw.BAD_VALUE if value.startswith("0") else None)


_MEDIA = tuple(f"{number:02}" for number in (*range(1, 11), *range(80, 100)))

CHECKS: dict[str, Check] = {
    "couponcode": coupon,
    "couponposoffer": positive_offer,
    "cset39": _cset39,
    "cset64": _cset64,
    "cset82": _cset82,
    "csetnumeric": _numeric,
    "csum": _csum,
    "csumalpha": _csumalpha,
    "gcppos1": _company_prefix(0),
    "gcppos2": _company_prefix(1),
    "hasnondigit": _has_non_digit,
    "hh": _numbers_below(24),
    "hhmi": _numbers_below(24, 60),
    "hyphen": _hyphens,
    "iban": _iban,
    "importeridx": _importer,
    "iso3166": _listed("countries"),
    "iso3166999": _listed("countries", "processors"),
    "iso3166alpha2": _listed("country_letters"),
    "iso4217": _listed("currencies"),
    "iso5218": _one_of("0", "1", "2", "9"),
    "latitude": _coordinate(_LATITUDE_SPAN),
    "longitude": _coordinate(_LONGITUDE_SPAN),
    "mediatype": _one_of(*_MEDIA),
    "mi": _numbers_below(60),
    "nonzero": _nonzero,
    "nozeroprefix": _no_zero_prefix,
    "packagetype": _listed("packages"),
    "pcenc": _percent_encoded,
    "pieceoftotal": _piece_of_total,
    "posinseqslash": _position_in_sequence,
    "ss": _numbers_below(60),
    "winding": _one_of("0", "1", "9"),
    "yesno": _one_of("0", "1"),
    "yymmd0": _dated(2, day_may_be_zero=True),
    "yymmdd": _dated(2, day_may_be_zero=False),
    "yyyymmd0": _dated(4, day_may_be_zero=True),
    "yyyymmdd": _dated(4, day_may_be_zero=False),
    "zero": _zero,
}
