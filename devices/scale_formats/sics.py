"""Mettler-Toledo's MT-SICS: lines of upper-case words, answered with a word of their own (S70, S71).

A weight is what is above the tare, and does not say so: the tare is asked for before each (`TA`), and what `T` and `TAC`
answer is heard too. The one thing a newcomer would get wrong: `S D` is a weight that still moves, and `S I` is none.
"""

import re
from decimal import Decimal

from devices.scale_formats.reading import Kind, Lines, NotAWeight, Reading, State, Weighed, still

_WEIGHT = re.compile(rb"S (?P<state>[SD]) +(?P<digits>-?[0-9]+(?:\.[0-9]+)?) +(?P<unit>[A-Za-z]{1,5})")
_TARE = re.compile(rb"(?:TA A|TI? [SD]) +(?P<digits>-?[0-9]+(?:\.[0-9]+)?) +[A-Za-z]{1,5}")
_IDENTITY = re.compile(rb'I(?P<which>[234]) A "(?P<text>[^"]*)"')
"""Model, software and serial number, each in quotes."""
_NO_TARE = b"TAC A"
_UNKNOWN = (b"ES", b"EL")
"""What a scale of the lowest level answers to a question that it does not know."""
_STATES = {b"S +": State.OVER, b"S -": State.UNDER, b"S I": State.MOVING}
"""Overload, underload, and 'not executable now' (it did not come to rest in time)."""


class Sics(Lines):
    """A reader of MT-SICS."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        super().__init__()
        self._said: dict[bytes, str] = {}
        self._tare: str | None = None
        """The tare it told last; None until it told one, or where it does not know the question."""

    def reset(self) -> None:
        """Forget what had begun, and the tare."""
        super().reset()
        self._tare, self.tells_tare = None, True

    def _line(self, line: bytes) -> Weighed | None:
        if line in _STATES:
            return Reading(state=_STATES[line], raw=line)
        found = _WEIGHT.fullmatch(line)
        if found is None:
            if line in _UNKNOWN and self._tare is None:
                self.tells_tare = False
            if said := _IDENTITY.fullmatch(line):
                self._said[said["which"]] = " ".join(said["text"].decode("latin-1").split())
                self.itself = ", ".join(text for _, text in sorted(self._said.items()) if text)
            return None if self._hears_tare(line) else NotAWeight(line, "answer")
        digits = found["digits"].decode("ascii")
        state = still(digits) if found["state"] == b"S" else State.MOVING
        unit = found["unit"].decode("ascii")
        if self._tare is None:
            return Reading(state=state, digits=digits, unit=unit, raw=line)
        kind, tare = (Kind.NET, self._tare) if Decimal(self._tare) else (Kind.GROSS, "")
        return Reading(state=state, digits=digits, unit=unit, kind=kind, tare=tare, raw=line)

    def _hears_tare(self, line: bytes) -> bool:
        told = _TARE.fullmatch(line)
        if told is None and line != _NO_TARE:
            return False
        self._tare = "0" if told is None else told["digits"].decode("ascii")
        return True
