"""USB scales: report 3 of the HID weighing page, a status, a unit, an exponent and two bytes (S77, usage page 8D).

The one thing a newcomer would get wrong: a report of zeros, or one with another id, is not nought pounds. Scales that
send others are not supported, and that is what is shown.
"""

from decimal import Decimal

from devices.scale_formats.reading import NotAWeight, Reading, State, Weighed, still

REPORT = 3
_LENGTH = 6
_STATES = {
    1: State.FAULT, 2: State.ZERO, 3: State.MOVING, 4: State.STABLE,
    5: State.UNDER, 6: State.OVER, 7: State.FAULT, 8: State.FAULT,
}  # fmt: skip
_UNITS = {
    1: "mg", 2: "g", 3: "kg", 4: "ct", 5: "tael", 6: "grain", 7: "dwt", 8: "t", 9: "ton", 10: "ozt", 11: "oz", 12: "lb",
}  # fmt: skip
_SMALLEST, _LARGEST = -6, 4
"""Exponents that a scale can have; others are noise."""


class HidScale:
    """A reader of reports: each call of `feed` is one report, its id first."""

    itself = ""
    tells_tare = False

    def feed(self, data: bytes, at_ms: int) -> list[Weighed]:
        """Return what this report says."""
        return [read_report(data)] if data else []

    def reset(self) -> None:
        """Forget nothing: a report is whole."""


def read_report(report: bytes) -> Weighed:
    """Say what one report means."""
    if not any(report):
        return NotAWeight(report, "empty")
    if report[0] != REPORT or len(report) < _LENGTH or any(report[_LENGTH:]):
        return NotAWeight(report, "unsupported")
    state, unit = _STATES.get(report[1]), _UNITS.get(report[2])
    exponent = int.from_bytes(report[3:4], "little", signed=True)
    if state is None or unit is None or not _SMALLEST <= exponent <= _LARGEST:
        return NotAWeight(report, "unsupported")
    value = Decimal(int.from_bytes(report[4:6], "little")).scaleb(exponent)
    if state is State.UNDER:
        value = -value
    digits = f"{value:f}"
    return Reading(state=still(digits) if state is State.STABLE else state, digits=digits, unit=unit, raw=report)
