"""Toledo's 8217 and 8213, asked with a letter, and Toledo's continuous output (S72, S74).

Toledo's continuous output carries the six digits of the display without its point: zeros that the display only shows for
the look of it are among them, and the digit that an expanded display has more too, with the decimals that then hold.

The 8217 does not send its unit: two decimals are pounds, three are kilograms. Some makers set bit 5 of its status
always, so only the five bits below it count. The one thing a newcomer would get wrong: `?` and a status is not the
last weight again, it is none.
"""

import re

from devices.scale_formats.reading import Frames, Kind, NotAWeight, Reading, State, Weighed, still

_STX, _CR = b"\x02", b"\r"
_VALUE = re.compile(rb"(?P<digits>[0-9]{2,4}\.(?P<decimals>[0-9]{1,4}))(?P<net>N?)")
_STATUS = re.compile(rb"\?(?P<status>.)", re.DOTALL)
_UNITS = {2: "lb", 3: "kg"}
_BY_BIT = ((0x02, State.OVER), (0x04, State.UNDER), (0x01, State.MOVING), (0x10, State.ZERO), (0x08, State.FAULT))
"""What is wrong comes first; bit 3 says that it could not be zeroed."""


class Toledo8217(Frames):
    """A reader of 8217 and 8213."""

    def __init__(self, unit: str = "") -> None:
        """Begin with nothing heard; `unit` is the scale's, where its decimals do not say it."""
        super().__init__()
        self._unit = unit

    def _take(self, begun: bytes) -> tuple[int, list[Weighed]] | None:
        frame, end, _ = begun.partition(_CR)
        if not end:
            return None
        _, start, body = frame.rpartition(_STX)
        return len(frame) + 1, [self._read(body, frame)] if start else []

    def _read(self, body: bytes, raw: bytes) -> Weighed:
        if value := _VALUE.fullmatch(body):
            digits = value["digits"].decode("ascii")
            unit = self._unit or _UNITS.get(len(value["decimals"]), "")
            kind = Kind.NET if value["net"] else Kind.GROSS
            return Reading(state=still(digits), digits=digits, unit=unit, kind=kind, raw=raw)
        if said := _STATUS.fullmatch(body):
            for bit, state in _BY_BIT:
                if said["status"][0] & bit:
                    return Reading(state=state, raw=raw)
        return NotAWeight(raw, "answer")


_LENGTH, _END = 17, 16
_NET, _NEGATIVE, _OUT_OF_RANGE, _MOTION, _KILOGRAM, _NOT_ZEROED = 0x01, 0x02, 0x04, 0x08, 0x10, 0x40
_DECIMALS, _FIRST_DECIMALS = 0x07, 2
"""From here on the lowest bits of the first word count decimals; below, how many last digits can only be zeros."""
_SMALL_UNITS = {1: "g", 2: "t", 3: "oz"}


class ToledoContinuous(Frames):
    """A reader of the continuous output, with its checksum (18 bytes) or without."""

    def __init__(self, *, checksum: bool = True) -> None:
        """Begin with nothing heard."""
        super().__init__()
        self._checksum = checksum
        self._zeros_left_out = False
        """It announced zeros as last digits and sent others: a copy that leaves them out, so that nothing can be read."""

    def _take(self, begun: bytes) -> tuple[int, list[Weighed]] | None:
        start = begun.find(_STX)
        if start < 0:
            return (len(begun), []) if begun else None
        if start:
            return start, []
        length = _LENGTH + self._checksum
        if len(begun) < length:
            return None
        frame = begun[:length]
        a, b, c = frame[1:4]
        shaped = a & 0x60 == 0x20 and c & 0x20 and frame[_END : _END + 1] == _CR
        if not shaped or (self._checksum and frame[-1] != -sum(frame[:-1]) & 0x7F):
            return 1, [NotAWeight(frame, "damaged")]
        if a & _DECIMALS < _FIRST_DECIMALS:
            self._zeros_left_out |= not all(_ends_in_zeros(frame[at : at + 6], a) for at in (4, 10))
            if self._zeros_left_out:
                return length, [NotAWeight(frame, "unsupported")]
        return length, [_read_continuous(frame, a, b, c)]

    def reset(self) -> None:
        """Forget what had begun, and what this scale makes of zeros: it may be another one."""
        super().reset()
        self._zeros_left_out = False


def _read_continuous(frame: bytes, a: int, b: int, c: int) -> Weighed:
    """Say what the three status words and the two values mean."""
    kind = Kind.NET if b & _NET else Kind.GROSS
    if b & _OUT_OF_RANGE:
        return Reading(state=State.UNDER if b & _NEGATIVE else State.OVER, kind=kind, raw=frame)
    if b & _NOT_ZEROED:
        return Reading(state=State.FAULT, kind=kind, raw=frame)
    decimals = max(0, (a & _DECIMALS) - _FIRST_DECIMALS)
    weight, tare = (_with_point(part, decimals) for part in (frame[4:10], frame[10:16]))
    if weight is None or tare is None:
        return NotAWeight(frame, "unsupported")
    digits = "-" * bool(b & _NEGATIVE) + weight
    unit = _SMALL_UNITS.get(c & 0x07, "") if c & 0x07 else "kg" if b & _KILOGRAM else "lb"
    state = State.MOVING if b & _MOTION else still(digits)
    return Reading(state=state, digits=digits, unit=unit, kind=kind, tare=tare, raw=frame)


def _ends_in_zeros(six: bytes, a: int) -> bool:
    """Say whether the digits end in the zeros that the first status word announces."""
    return not six[(a & _DECIMALS) - _FIRST_DECIMALS :].strip(b" 0")


def _with_point(six: bytes, decimals: int) -> str | None:
    """Put the point into six digits, of which leading ones may be blanks.

    Example:
        >>> _with_point(b"  1235", 3)
        '001.235'
    """
    digits = six.decode("latin-1").lstrip(" ").rjust(len(six), "0")
    if not (digits.isascii() and digits.isdecimal()):
        return None
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
