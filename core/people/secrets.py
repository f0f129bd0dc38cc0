"""Badges and PINs: what is stored of them, and how they are checked.

A badge is a long random code: its SHA-256 is enough. A PIN is short: argon2id with the cost measured for a station
(26 ms), and a wait that grows with every wrong one.
"""

from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from core.kernel.ids import PersonId, document_id

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

FREE_TRIES = 5
_FIRST_WAIT_MS = 60_000
_LONGEST_WAIT_MS = 3_600_000

MIN_PIN_DIGITS = 4
MIN_BADGE = 4
"""Characters of a badge's code."""


def badge_hash(code: str) -> bytes:
    """Return what is stored of a badge's code."""
    return sha256(code.strip().encode()).digest()


def person_of(badge: str) -> PersonId:
    """Return who a badge makes somebody: the same wherever and however often they are written."""
    return PersonId(document_id(0, "person", badge.strip()))


def is_pin(pin: str) -> bool:
    """Return whether something can be a PIN."""
    return len(pin) >= MIN_PIN_DIGITS and pin.isascii() and pin.isdecimal()


def pin_hash(pin: str) -> str:
    """Return the argon2id hash of a PIN.

    Raises:
        ValueError: it is too short or not digits.
    """
    if not is_pin(pin):
        raise ValueError(f"a PIN has at least {MIN_PIN_DIGITS} digits")
    return _HASHER.hash(pin)


def pin_fits(stored: str, pin: str) -> bool:
    """Return whether a PIN is the one a hash was made of."""
    if not stored:
        return False
    try:
        return _HASHER.verify(stored, pin)
    except VerificationError:
        return False


def wait_after(wrong: int) -> int:
    """Return how many milliseconds to wait after so many wrong PINs in a row: none for five, then 1, 2, 4… minutes."""
    if wrong < FREE_TRIES:
        return 0
    return min(_FIRST_WAIT_MS << min(wrong - FREE_TRIES, 10), _LONGEST_WAIT_MS)
