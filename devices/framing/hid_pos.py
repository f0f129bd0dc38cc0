"""Scanners in HID-POS mode: one report after another, each with its length (devices.md 1.1, S10, S11).

Offsets here are those of the table, so the report id that hidapi puts first is taken off. The one thing a newcomer
would get wrong: some firmware has one byte more in front of the symbology id, and then everything stands one further.
"""

from devices.framing.heard import Damaged, Heard, Read
from devices.scan import as_ean_13, split_aim

REPORT = 2
_AIM, _DATA, _MOST, _LETTER, _CONTINUED = 1, 4, 56, 60, 62
_UPC_A = ord("c")
_BRACKET = ord("]")
_LONGEST = 7089
HONEYWELL = frozenset({0x0C2E, 0x23D0})
"""Makers' ids of Honeywell and Hand Held Products."""


def initialisation(vid: int) -> tuple[bytes, ...]:
    """Return the feature reports (id first) that bring a maker's scanner into this mode."""
    return (b"\xfe\x01",) if vid in HONEYWELL else ()


class HidPos:
    """A framer for reports: each call of `feed` is one report, its id first."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._joined, self._aim = b"", ""

    def feed(self, data: bytes, at_ms: int) -> list[Heard]:
        """Return the scan that this report completes."""
        if not data or data[0] != REPORT:
            return []
        report = data[1:]
        if len(report) <= _CONTINUED:
            return [Damaged(data, "short report")]
        shift = int(report[_AIM] != _BRACKET and report[_AIM + 1] == _BRACKET)
        length = report[0]
        if length > _MOST:
            self.reset()
            return [Damaged(data, "length")]
        aim, _ = split_aim(report[_AIM + shift : _DATA + shift])
        self._aim = self._aim or aim
        self._joined += report[_DATA + shift : _DATA + shift + length]
        if report[min(_CONTINUED + shift, len(report) - 1)] and len(self._joined) <= _LONGEST:
            return []
        text, aim = self._joined.rstrip(b"\r\n"), self._aim
        if report[_LETTER + shift] == _UPC_A:
            text = as_ean_13(aim, text)
        self.reset()
        if len(text) > _LONGEST:
            return [Damaged(text[:_LONGEST], "too long")]
        return [Read(text, aim)] if text else []

    def tick(self, at_ms: int) -> list[Heard]:
        """Return nothing: a report says itself whether more follow."""
        return []

    def reset(self) -> None:
        """Forget what had begun."""
        self._joined, self._aim = b"", ""
