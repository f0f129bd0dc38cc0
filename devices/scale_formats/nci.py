"""NCI, Avery Weigh-Tronix and their relatives: a value where there is one, and status bytes (S73, S72).

Two dialects are read by the same pattern: with and without an `S` before the status, with and without the first line
feed's twin. The one thing a newcomer would get wrong: where the scale moves or is empty below zero it sends the status
alone, and that is not the last weight.
"""

import re

from devices.scale_formats.reading import Frames, Kind, NotAWeight, Reading, State, Weighed, still

_ETX = b"\x03"
_FRAME = re.compile(
    rb"\n(?: *(?P<digits>-?[0-9]+\.?[0-9]*) *(?P<unit>[A-Za-z]{2}) ?\r\n?)?S?(?P<status>[\x30-\x3f\x70-\x7f]{2,})\r\x03$"
)
_MOTION, _AT_ZERO, _RAM, _EEPROM = 0x01, 0x02, 0x04, 0x08
_UNDER, _OVER, _ROM, _CALIBRATION = 0x01, 0x02, 0x04, 0x08
_NET, _INITIAL_ZERO = 0x04, 0x08


class Nci(Frames):
    """A reader of both dialects."""

    def _take(self, begun: bytes) -> tuple[int, list[Weighed]] | None:
        end = begun.find(_ETX)
        if end < 0:
            return None
        raw = begun[: end + 1]
        found = _FRAME.search(raw)
        return len(raw), [_read(found, raw) if found else NotAWeight(raw, "answer")]


def _read(found: re.Match[bytes], raw: bytes) -> Weighed:
    first, second, third = (*found["status"][:3], 0)[:3]
    digits = (found["digits"] or b"").decode("ascii")
    unit = (found["unit"] or b"").decode("ascii")
    kind = Kind.NET if third & _NET else Kind.GROSS
    said = (
        (first & (_RAM | _EEPROM) or second & (_ROM | _CALIBRATION) or third & _INITIAL_ZERO, State.FAULT),
        (second & _OVER, State.OVER),
        (second & _UNDER, State.UNDER),
        (first & _MOTION, State.MOVING),
        (first & _AT_ZERO, State.ZERO),
    )
    for flag, state in said:
        if flag and (state is not State.ZERO or not digits):
            return Reading(state=state, digits=digits, unit=unit, kind=kind, raw=raw)
    if not digits:
        return NotAWeight(raw, "status")
    return Reading(state=still(digits), digits=digits, unit=unit, kind=kind, raw=raw)
