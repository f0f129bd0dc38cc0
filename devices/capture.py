"""When a weight may be taken, and which (devices.md 3.2): a pan that has seen readings, and is asked for one.

Taken is only what the scale itself calls still, less than a second old, with a known unit, within the range, not
negative, of all that lies on it, and not before the pan was empty since the last one. What comes over a line has to be said
twice in a row, digit by digit: noise does not hit two answers in the same way. The newest reading alone counts: what a slow
reader finds in a queue is over. Some scales say nothing of an empty pan, and nothing of a weight that they said before: of
those a person says that it is empty, and only what they say after that counts. The one thing a newcomer would get wrong: a
scale that went away took its weight with it.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from devices.scale_formats.reading import Kind, Reading, State, Weighed

FRESH_MS = 1000
_NOTHING = Decimal(0)


class Why(StrEnum):
    """Why no weight is taken."""

    NOTHING_SEEN = "nothing_seen"
    STALE = "stale"
    MOVING = "moving"
    SAID_ONCE = "said_once"
    """It may stand still; the next answer says so."""
    NOT_SAID_TO_BE_STILL = "not_said_to_be_still"
    OVER = "over"
    NEGATIVE = "negative"
    FAULT = "fault"
    UNKNOWN_UNIT = "unknown_unit"
    TARED = "tared"
    """A tare is taken off: it is not the weight of what lies there."""
    EMPTY = "empty"
    OUT_OF_RANGE = "out_of_range"
    NOT_EMPTIED = "not_emptied"
    """It has not been back at zero since the last weight was taken."""
    SAY_EMPTY = "say_empty"
    """The same, of a scale that is silent at zero: a person has to say that the pan is empty."""
    SILENT = "silent"
    """It says nothing where nothing changed: what lies there is to be put there anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A weight that counts: as it was sent, of which scale, when."""

    reading: Reading
    scale: str
    at_ms: int
    grams: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Pan:
    """What is known of one scale at this moment."""

    scale: str
    least: Decimal = _NOTHING
    """Grams of the lightest weight that is taken."""
    most: Decimal | None = None
    """Grams the scale can carry, where it is known."""
    empty_below: Decimal = _NOTHING
    """Up to so many grams the pan counts as empty."""
    twice: bool = False
    """A weight, and an empty pan, count only when the scale says it once more: one byte may be another than was sent."""
    says_empty: bool = True
    """It also answers when nothing lies there, and when nothing changed; an Adam is silent then."""
    newest: Reading | None = None
    at_ms: int = 0
    emptied: bool = True
    said_again: bool = False
    """The newest reading says what the one before it said."""
    believed_ms: int | None = None
    """When a person said that the pan is empty; None where the scale says it."""

    def seen(self, weighed: Weighed, at_ms: int) -> "Pan":
        """Take notice of what the scale said; what is no weight changes nothing."""
        if not isinstance(weighed, Reading):
            return self
        before = self.newest if self.twice else weighed
        emptied = self.emptied or (before is not None and self._is_empty(before) and self._is_empty(weighed))
        if self.believed_ms is not None and at_ms - self.believed_ms < FRESH_MS and not self._is_empty(weighed):
            emptied = False  # what the scale still says was there all the while: nobody is that quick
        again = before is not None and replace(before, raw=weighed.raw) == weighed
        return replace(self, newest=weighed, at_ms=at_ms, emptied=emptied, said_again=again)

    def lost(self) -> "Pan":
        """Forget the weight: the scale was unplugged or went to sleep."""
        return replace(self, newest=None, said_again=False)

    def believed(self, now_ms: int) -> "Pan":
        """Take a person's word that nothing lies there, of a scale that does not say it; what it said before is over."""
        return self if self.says_empty else replace(self.lost(), emptied=True, believed_ms=now_ms)

    def is_stale(self, now_ms: int) -> bool:
        """Return whether what it said last is no weight of now any more."""
        return now_ms - self.at_ms >= FRESH_MS

    @property
    def tared(self) -> bool:
        """Return whether a tare is taken off what it says."""
        return self.newest is not None and self.newest.kind is Kind.NET

    def why_not(self, now_ms: int) -> Why | None:
        """Say why the weight cannot be taken now, or None if it can."""
        reading = self.newest
        if not self.says_empty and not self.emptied:
            return Why.SAY_EMPTY
        if reading is None:
            return Why.NOTHING_SEEN if self.says_empty else Why.SILENT
        if self.is_stale(now_ms):
            return Why.STALE if self.says_empty else Why.SILENT
        if reading.kind is Kind.NET and reading.state in (State.STABLE, State.ZERO, State.UNDER):
            return Why.TARED
        return self._state(reading) or self._value(reading) or (None if self.emptied else Why.NOT_EMPTIED)

    def take(self, now_ms: int) -> tuple["Pan", Captured | Why]:
        """Take the weight, once; or say why not."""
        why = self.why_not(now_ms)
        if why is not None or self.newest is None or self.newest.grams is None:
            return self, why or Why.UNKNOWN_UNIT
        captured = Captured(reading=self.newest, scale=self.scale, at_ms=self.at_ms, grams=self.newest.grams)
        return replace(self, emptied=False, believed_ms=None), captured

    def _is_empty(self, reading: Reading) -> bool:
        if reading.kind is Kind.NET:
            return False  # nought is the tare, and something of that weight lies there
        if reading.state is State.ZERO:
            return True
        still_or_not = reading.state in (State.STABLE, State.MOVING, State.UNDER, State.UNSTATED)
        return still_or_not and reading.grams is not None and reading.grams <= self.empty_below

    def _state(self, reading: Reading) -> Why | None:
        match reading.state:
            case State.STABLE:
                return None if self.said_again else Why.SAID_ONCE
            case State.ZERO:
                return Why.EMPTY
            case State.MOVING:
                return Why.MOVING
            case State.OVER:
                return Why.OVER
            case State.UNDER:
                return Why.NEGATIVE
            case State.FAULT:
                return Why.FAULT
            case State.UNSTATED:
                return Why.NOT_SAID_TO_BE_STILL

    def _value(self, reading: Reading) -> Why | None:
        grams = reading.grams
        if grams is None:
            return Why.UNKNOWN_UNIT
        if grams < 0:
            return Why.NEGATIVE
        if grams <= self.empty_below:
            return Why.EMPTY
        if grams < self.least or (self.most is not None and grams > self.most):
            return Why.OUT_OF_RANGE
        return None
