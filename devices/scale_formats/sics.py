"""Mettler-Toledo's MT-SICS: lines of upper-case words, answered with a word of their own (S70, S71).

The one thing a newcomer would get wrong: `S D` is a weight that still moves, and `S I` is none.
"""

import re

from devices.scale_formats.reading import Lines, NotAWeight, Reading, State, Weighed, still

_WEIGHT = re.compile(rb"S (?P<state>[SD]) +(?P<digits>-?[0-9]+(?:\.[0-9]+)?) +(?P<unit>[A-Za-z]{1,5})")
_STATES = {b"S +": State.OVER, b"S -": State.UNDER, b"S I": State.MOVING}
"""Overload, underload, and 'not executable now' (it did not come to rest in time)."""


class Sics(Lines):
    """A reader of MT-SICS."""

    def _line(self, line: bytes) -> Weighed:
        if line in _STATES:
            return Reading(state=_STATES[line], raw=line)
        found = _WEIGHT.fullmatch(line)
        if found is None:
            return NotAWeight(line, "answer")
        digits = found["digits"].decode("ascii")
        state = still(digits) if found["state"] == b"S" else State.MOVING
        return Reading(state=state, digits=digits, unit=found["unit"].decode("ascii"), raw=line)
