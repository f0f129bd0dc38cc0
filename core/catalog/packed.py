"""Bytes of a code that says more than a number: numbers of variable length, ids of which only what differs is kept.

What a code is told in is base 32: capital letters and digits, which a QR code holds in its densest form and a keyboard wedge
types without harm. Behind the bytes stands the beginning of their SHA-256, so that half a code, or two that ran into each
other, are never taken for one.
"""

from base64 import b32decode, b32encode
from collections.abc import Iterable
from hashlib import sha256

from core.catalog.readings import Flaw, Rejected
from core.kernel.ids import ID_BYTES, NO_ID

_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_CHECK_BYTES = 4
_NOTHING = 17
"""Stands where an id begins: it is none, and nothing follows."""
_MOST_NUMBER_BYTES = 9


def told(version: int, parts: Iterable[bytes]) -> str:
    """Return the letters that stand for parts under a version."""
    payload = bytes([version]) + b"".join(parts)
    return b32encode(payload + _check(payload)).decode().rstrip("=")


def understood(letters: str, version: int) -> "Reader | Rejected":
    """Return what takes apart the bytes that letters stand for, or what is wrong with them.

    Lower case is taken too: a keyboard wedge with caps lock on sends it, and the check vouches for it.
    """
    body = letters.upper()
    if not set(body) <= _LETTERS:
        return Rejected(Flaw.BAD_CHARACTER)
    try:
        payload = b32decode(body + "=" * (-len(body) % 8))
    except ValueError:
        return Rejected(Flaw.BAD_LENGTH)
    if len(payload) <= _CHECK_BYTES + 1:
        return Rejected(Flaw.BAD_LENGTH)
    if _check(payload[:-_CHECK_BYTES]) != payload[-_CHECK_BYTES:]:
        return Rejected(Flaw.BAD_CHECK_DIGIT)
    if payload[0] != version:
        return Rejected(Flaw.BAD_VALUE, str(payload[0]))
    return Reader(payload[1:-_CHECK_BYTES])


def _check(payload: bytes) -> bytes:
    return sha256(payload).digest()[:_CHECK_BYTES]


def number(value: int) -> bytes:
    """Return a number in bytes of seven bits, the lowest first."""
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def ident(value: bytes, before: bytes) -> bytes:
    """Return how many bytes an id begins with as the one before, and the others."""
    if value == NO_ID:
        return bytes([_NOTHING])
    same = next((n for n, (one, other) in enumerate(zip(value, before, strict=True)) if one != other), ID_BYTES)
    return bytes([same]) + value[same:]


def words(value: bytes) -> bytes:
    """Return bytes with their length in front."""
    return number(len(value)) + value


class Reader:
    """Takes a payload apart; whatever is missing is an `IndexError`, a number without end an `OverflowError`."""

    def __init__(self, payload: bytes) -> None:
        """Begin at its first byte."""
        self._payload = payload
        self._at = 0

    def number(self) -> int:
        """Return the next number."""
        value = 0
        for place in range(_MOST_NUMBER_BYTES):
            byte = self._take(1)[0]
            value |= (byte & 0x7F) << 7 * place
            if byte <= 0x7F:
                return value
        raise OverflowError("a number that does not end")

    def ident(self, before: bytes) -> bytes:
        """Return the next id, given the one before it."""
        same = self._take(1)[0]
        if same > ID_BYTES:
            return NO_ID
        return before[:same] + self._take(ID_BYTES - same)

    def words(self) -> bytes:
        """Return the next bytes that say their length."""
        return self._take(self.number())

    def _take(self, count: int) -> bytes:
        found = self._payload[self._at : self._at + count]
        if len(found) < count:
            raise IndexError
        self._at += count
        return found


__all__ = ["Reader", "ident", "number", "told", "understood", "words"]
