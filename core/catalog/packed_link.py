"""What a compressed GS1 Digital Link says: a part of a web address that holds elements bit by bit, in base64url.

Source: GS1 Digital Link standard, compression and decompression. An identifier is its digits, four bits each, or the number
of a usual set of identifiers (`resources/gs1/link_sets.txt`); how many bits follow for its value is told by the identifier's own
form. The thing a newcomer would get wrong: nothing in it says that it is one. Any word of ten letters may be read this
way; of a thousand, one comes out whole, to the last bit.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby
from math import ceil, log2

from core.catalog.gs1 import Identifier, Part, identifiers
from core.catalog.gs1_checks import DIGITS
from core.catalog.readings import Elements

_SIX_BITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_BITS_A_LETTER = 6
_WEBSITE_S_OWN = 0xF
"""Four bits in front of a name and a value that are no element."""
_NAME_LENGTH_BITS, _TEXT_LENGTH_BITS = 7, 7
_LONGEST_NUMBER = 4


class _NoLink(Exception):
    """These bits are no compressed link."""


class _Bits:
    """Takes numbers off the front of a run of bits."""

    def __init__(self, segment: str) -> None:
        try:
            self._bits = "".join(f"{_SIX_BITS.index(letter):06b}" for letter in segment)
        except ValueError:
            self._bits = ""
        self._at = 0

    def take(self, count: int) -> int:
        found = self._bits[self._at : self._at + count]
        if len(found) < count:
            raise _NoLink
        self._at += count
        return int(found or "0", 2)

    def back(self, count: int) -> None:
        self._at -= count

    def ended(self) -> bool:
        """Return whether nothing is left but what fills up the last letter."""
        rest = self._bits[self._at :]
        return len(rest) < _BITS_A_LETTER and "1" not in rest


def unpacked(segment: str, *, sets_in_order_of_number: bool = False) -> Elements | None:
    """Return the elements that a part of an address holds, their values unchecked; None if it is no compressed link.

    Args:
        segment: the part of the path.
        sets_in_order_of_number: the values of a usual set stand in the order of their identifiers, as GS1's own toolkit
            wrote them for years, and not in that of the standard.
    """
    bits = _Bits(segment)
    elements: dict[str, str] = {}
    try:
        while not bits.ended():
            for identifier in _next_identifiers(bits, by_number=sets_in_order_of_number):
                if identifier.ai in elements:
                    return None
                elements[identifier.ai] = "".join(field(bits) for field in _fields(identifier.ai))
    except _NoLink:
        return None
    return tuple(elements.items()) or None


def _next_identifiers(bits: _Bits, *, by_number: bool) -> tuple[Identifier, ...]:
    """Return the identifiers whose values come next; none where something of the website's own was passed over."""
    known = identifiers()
    digits = f"{bits.take(8):02X}"
    named = _sets().get(digits)
    if named is not None:
        return tuple(known[ai] for ai in (sorted(named) if by_number else named))
    if int(digits[0], 16) == _WEBSITE_S_OWN:
        bits.back(4)
        bits.take(bits.take(_NAME_LENGTH_BITS) * _BITS_A_LETTER)
        _text(bits, bits.take(3), bits.take(_TEXT_LENGTH_BITS))
        return ()
    while digits not in known:
        if len(digits) == _LONGEST_NUMBER:
            raise _NoLink
        digits += f"{bits.take(4):X}"
    return (known[digits],)


@cache
def _sets() -> Mapping[str, tuple[str, ...]]:
    text = (files("resources") / "gs1" / "link_sets.txt").read_text(encoding="ascii")
    rows = [line.split() for line in text.splitlines() if line and line[0] != "#"]
    return {number: tuple(ais) for number, *ais in rows}


_Field = Callable[[_Bits], str]


@cache
def _fields(ai: str) -> tuple[_Field, ...]:
    return tuple(_grouped(identifiers()[ai]))


def _grouped(identifier: Identifier) -> Iterator[_Field]:
    """Yield what reads the value: digits of one length, digits that say how many they are, characters of either sort.

    Parts that only the checks tell apart are one field.
    """
    for (is_number, varies), run in groupby(identifier.parts, _sort):
        parts = tuple(run)
        longest = sum(part.longest for part in parts)
        if is_number:
            yield _counted_number(longest) if varies else _number_of(longest)
        else:
            yield _counted_text(longest) if any(map(_varies, parts)) else _text_of(longest)


def _sort(part: Part) -> tuple[bool, bool]:
    is_number = part.pattern is DIGITS
    return is_number, is_number and _varies(part)


def _varies(part: Part) -> bool:
    return part.optional or part.shortest != part.longest


def _number_of(length: int) -> _Field:
    return lambda bits: _digits(bits, length)


def _counted_number(longest: int) -> _Field:
    return lambda bits: _digits(bits, bits.take(longest.bit_length()))


def _text_of(length: int) -> _Field:
    return lambda bits: _text(bits, bits.take(3), length)


def _counted_text(longest: int) -> _Field:
    return lambda bits: _text(bits, bits.take(3), bits.take(longest.bit_length()))


def _digits(bits: _Bits, length: int) -> str:
    # As the standard reckons it, with its hundredth of a bit to spare: no digits are one bit.
    value = bits.take(ceil(length * log2(10) + 0.01))
    if value >= 10**length:
        raise _NoLink
    return str(value).zfill(length) if length else ""


def _text(bits: _Bits, encoding: int, length: int) -> str:
    """Return characters: digits as one number, hexadecimal in small or in capital letters, base64url, ASCII."""
    match encoding:
        case 0:
            return _digits(bits, length)
        case 1:
            return "".join(f"{bits.take(4):x}" for _ in range(length))
        case 2:
            return "".join(f"{bits.take(4):X}" for _ in range(length))
        case 3:
            return "".join(_SIX_BITS[bits.take(_BITS_A_LETTER)] for _ in range(length))
        case 4:
            return "".join(chr(bits.take(7)) for _ in range(length))
        case _:
            raise _NoLink
