"""What a screen shows, as frozen values without Qt: presenters make them, views paint them.

The one thing a newcomer would get wrong: a screen holds words and drawings to be, never a decision.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The colour, icon shape and word of an outcome."""

    ACCEPT = "accept"
    CAUTION = "caution"
    REFUSE = "refuse"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Slot:
    """One place on the cart."""

    number: int
    caption: str
    done: int
    total: int
    target: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a list that fills."""

    words: str
    detail: str
    done: int
    total: int
    current: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A quiet pair of words: what, and how it is."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One of a question's answers: a key, a scannable command and what it does."""

    key: str
    """The verb with its argument, as `Pressed` has it: ``QTY-1``."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One prompt and what proves it."""

    prompt: str
    hero: str = ""
    """A code or number in the largest type that fits."""
    quantity: str = ""
    """Reversed in a block of ink, before `support`."""
    support: str = ""
    lead: str = ""
    """Quiet words over the quantity: *Then take*."""
    detail: str = ""
    slots: tuple[Slot, ...] = ()
    checks: tuple[Check, ...] = ()
    facts: tuple[Fact, ...] = ()
    answers: tuple[Answer, ...] = ()
    keys: frozenset[str] = frozenset()
    """Verbs of the F keys that make sense now."""
    progress: int = 0
    """Per mille of the batch or order."""
    middle: str = ""
    """The strip's middle: wave, count, cut-off."""
    loud: str = ""
    """A slab over the whole width: the one thing that must not go."""


@dataclass(frozen=True, slots=True)
class Band:
    """The last scan."""

    outcome: Outcome
    words: str
    got: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A refusal that fills the window."""

    title: str
    rest: str
    expected: str
    got: str
    dropped: str
