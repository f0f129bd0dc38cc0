"""Scales that send a value and not whether it stands still: Adam and DIGI (S21, S75).

Such a reading is shown and never captured, but where the scale is known to answer only when it stands still; that is
said in its profile, by a person. Of a DIGI frame our sources give the ends and the check character alone: what is in
it counts only as a plain value with a point. The one thing a newcomer would get wrong: an Adam scale does not answer
when nothing changed, so silence is not the last weight; nor does it say that its pan is empty (`capture.Pan.says_empty`).
"""

import re
from functools import reduce
from operator import xor

from devices.scale_formats.reading import Frames, Kind, Lines, NotAWeight, Reading, State, Weighed, still

_ADAM = re.compile(
    rb"(?:(?P<kind>[GN])(?:/W|S|T)? *:?)? *(?P<sign>[+-]?) *(?P<digits>[0-9]+(?:\.[0-9]+)?) *(?P<unit>[A-Za-z]{1,3}) *"
)
"""With which weight it is in front where a model says so, as the CPWplus does: `G/W  + 2.00 kg`."""
_KINDS = {b"G": Kind.GROSS, b"N": Kind.NET, None: Kind.UNSTATED}
_STX, _ETX = b"\x02", b"\x03"
_DIGI = re.compile(rb"w *(?P<digits>[0-9]{1,5}\.[0-9]{1,4})")


class Adam(Lines):
    """A reader of Adam's answers."""

    def __init__(self, *, only_still: bool = False) -> None:
        """Begin with nothing heard; `only_still` where this scale answers only when it stands still."""
        super().__init__()
        self._only_still = only_still

    def _line(self, line: bytes) -> Weighed:
        found = _ADAM.fullmatch(line)
        if found is None:
            return NotAWeight(line, "damaged")
        digits = (found["sign"].replace(b"+", b"") + found["digits"]).decode("ascii")
        state = still(digits) if self._only_still else State.UNSTATED
        unit, kind = found["unit"].decode("ascii"), _KINDS[found["kind"]]
        return Reading(state=state, digits=digits, unit=unit, kind=kind, raw=line)


class Digi(Frames):
    """A reader of DIGI's answers: STX, `w`, the value, the XOR of both, ETX."""

    def __init__(self, unit: str = "", *, only_still: bool = False) -> None:
        """Begin with nothing heard; `unit` is the scale's, which it does not send."""
        super().__init__()
        self._unit, self._only_still = unit, only_still

    def _take(self, begun: bytes) -> tuple[int, list[Weighed]] | None:
        start = begun.find(_STX)
        if start:
            return (len(begun) if start < 0 else start, []) if begun else None
        end = begun.find(_ETX, 3)
        if end > 0 and reduce(xor, begun[1:end]) == _ETX[0]:
            end += 1  # what looks like the end is the check character
        if end < 0 or end >= len(begun):
            return None
        frame, body = begun[: end + 1], begun[1 : end - 1]
        if reduce(xor, body, 0) != begun[end - 1] or frame[-1:] != _ETX:
            return 1, [NotAWeight(frame, "damaged")]
        found = _DIGI.fullmatch(body)
        if found is None:
            return len(frame), [NotAWeight(frame, "unsupported")]
        digits = found["digits"].decode("ascii")
        state = still(digits) if self._only_still else State.UNSTATED
        return len(frame), [Reading(state=state, digits=digits, unit=self._unit, raw=frame)]
