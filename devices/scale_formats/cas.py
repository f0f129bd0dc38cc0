"""CAS scales for tills, which shake hands before they speak, and the stream of CAS, A&D and many others (S75, S76).

A stream's line has a header of its own for still, moving and overloaded; with a lamp byte both must agree. The one
thing a newcomer would get wrong: the check character may be any byte, so a till frame is cut by its length.
"""

import re
from functools import reduce
from operator import xor

from devices.scale_formats.reading import Ask, Frames, Kind, Lines, NotAWeight, Reading, State, Weighed, still

_ACK, _NAK, _SOH, _STX = 0x06, 0x15, 0x01, 0x02
SEND = b"\x11"
_LENGTH = 15
_BODY = re.compile(rb"(?P<state>[SU])(?P<sign>[ \-])(?P<digits>[ 0-9]{1,5}\.?[0-9]{1,5})(?P<unit>[A-Za-z ]{2})")
_OVER = re.compile(rb"[SU]F.{8}", re.DOTALL)
"""Where it is overloaded, what stands in place of the digits counts for nothing."""


class CasTill(Frames):
    """A reader of the till protocol; the question is `05`, and `11` follows when the scale is ready."""

    def _take(self, begun: bytes) -> tuple[int, list[Weighed]] | None:
        if not begun:
            return None
        if begun[0] == _ACK:
            return 1, [Ask(SEND)]
        if begun[0] == _NAK:
            return 1, [NotAWeight(begun[:1], "busy")]
        if begun[0] != _SOH:
            return 1, []
        if len(begun) > 1 and begun[1] != _STX:
            return 1, []
        if len(begun) < _LENGTH:
            return None
        frame, body = begun[:_LENGTH], begun[2:12]
        found = _BODY.fullmatch(body)
        whole = frame[12] == reduce(xor, body) and frame[13:] == b"\x03\x04"
        if whole and _OVER.fullmatch(body):
            return _LENGTH, [Reading(state=State.OVER, raw=frame)]
        if found is None or not whole:
            return 1, [NotAWeight(frame, "damaged")]
        return _LENGTH, [_read_till(found, frame)]


def _read_till(found: re.Match[bytes], raw: bytes) -> Weighed:
    digits = ("-" * (found["sign"] == b"-")) + found["digits"].decode("ascii").strip()
    unit = found["unit"].decode("ascii").strip()
    if " " in digits:
        return NotAWeight(raw, "damaged")
    state = still(digits) if found["state"] == b"S" else State.MOVING
    return Reading(state=state, digits=digits, unit=unit, raw=raw)


_LINE = re.compile(
    rb"(?P<header>ST|US|OL),(?P<kind>GS|NT),(?:(?P<id>.)(?P<lamp>.),)?(?P<value>[ +\-0-9.]{1,10}) ?(?P<unit>[A-Za-z ]{1,3})",
    re.DOTALL,
)
_VALUE = re.compile(r"(?P<sign>[+-]?) *(?P<digits>[0-9]+(?:\.[0-9]+)?)")
_LAMP_STABLE, _LAMP_TARE, _LAMP_GROSS = 0x40, 0x02, 0x04


class Stream(Lines):
    """A reader of `ST,GS,…` lines."""

    def _line(self, line: bytes) -> Weighed:
        if line.startswith(b"OL,"):
            return Reading(state=State.OVER, raw=line)
        found = _LINE.fullmatch(line)
        value = _VALUE.fullmatch(found["value"].decode("ascii").strip()) if found else None
        if found is None or value is None:
            return NotAWeight(line, "damaged")
        digits = value["sign"].replace("+", "") + value["digits"]
        lamp = found["lamp"][0] if found["lamp"] is not None else _LAMP_STABLE | _LAMP_GROSS
        tared = bool(lamp & _LAMP_TARE) and not lamp & _LAMP_GROSS
        lamp_moves = not lamp & _LAMP_STABLE
        return Reading(
            state=State.MOVING if found["header"] == b"US" or lamp_moves else still(digits),
            digits=digits,
            unit=found["unit"].decode("ascii").strip(),
            kind=Kind.NET if found["kind"] == b"NT" or tared else Kind.GROSS,
            raw=line,
        )
