"""A story as a screen shows it: steps with their times, and a row for each thing that happened."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How loud a row is."""

    QUIET = "quiet"
    """Nobody's hands: an import, an allocation."""
    USUAL = "usual"
    TROUBLE = "trouble"
    LAST = "last"
    """Where it stands now."""


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One stage with its time; empty while it is not reached."""

    words: str
    time: str
    now: bool = False


@dataclass(frozen=True, slots=True)
class StoryRow:
    """One thing that happened."""

    time: str
    words: str
    who: str
    """Who, and where."""
    facts: str
    """What was scanned, or what it was about."""
    weight: Weight = Weight.USUAL
    picture: str = ""
    """SHA-256 of a picture of it; empty for none."""

    @property
    def said(self) -> str:
        """Return it for a screen reader."""
        return ", ".join(filter(None, (self.time, self.words, self.who, self.facts)))


@dataclass(frozen=True, slots=True)
class Story:
    """Steps over rows, oldest first."""

    rows: tuple[StoryRow, ...]
    steps: tuple[StoryStep, ...] = ()
    empty: str = ""
    """Why there is nothing."""
