"""What a screen shows, as frozen values without Qt: presenters make them, views paint them.

A screen is one prompt, one thing that proves it is right (`proof`) and, beside them, cards (`beside`) that a narrow
window folds away. The one thing a newcomer would get wrong: a screen holds words and drawings to be, never a decision.
"""

from dataclasses import dataclass
from enum import StrEnum

from desktop.cards import Card
from desktop.proofs import Block, Proof, Thing

BLOCK = "\ufffc"
"""Where in a prompt its block stands: *Take ￼ each*."""


class Outcome(StrEnum):
    """The colour, icon shape and word of an outcome."""

    ACCEPT = "accept"
    CAUTION = "caution"
    REFUSE = "refuse"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Answer:
    """One of a question's answers: a key, a scannable command and what it does."""

    key: str
    """The verb with its argument, as `Pressed` has it: ``QTY-1``."""
    words: str
    detail: str = ""
    """What follows from it, in quiet words."""
    big: bool = False
    """The one job that waits, on a screen that asks nothing."""
    now: bool = False
    """How it is already: it is lit then."""
    mark: Outcome | None = None
    """How urgent it is, as an icon in front of its words."""


@dataclass(frozen=True, slots=True)
class KeyCap:
    """One F key of this kind of bench."""

    verb: str
    words: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Slab:
    """The one thing that must not go on, over the whole width."""

    title: str
    rest: str
    name: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One prompt and what proves it."""

    prompt: str
    block: Block | None = None
    """What stands at `BLOCK` in the prompt."""
    proof: Proof | None = None
    beside: tuple[Card, ...] = ()
    detail: str = ""
    answers: tuple[Answer, ...] = ()
    scan: bool = False
    """Whether a scan is what is wanted: then no answer is lit as if it were."""
    text: bool = False
    """Whether what is typed here is words and no code: then there is a key for blanks."""
    row: tuple[KeyCap, ...] = ()
    """The F keys of this kind of bench; those that make no sense now are flat."""
    progress: int = 0
    """Per mille of the batch or order."""
    middle: tuple[str, ...] = ()
    """The strip's middle: wave, count, cut-off; the last is loud."""
    loud: Slab | None = None

    @property
    def keys(self) -> frozenset[str]:
        """Return the verbs of the F keys that make sense now."""
        return frozenset(each.verb for each in self.row if each.enabled)


@dataclass(frozen=True, slots=True)
class Band:
    """The last scan."""

    outcome: Outcome
    words: str
    """The outcome in a word or two."""
    got: str
    """What was read, grouped."""
    meant: str = ""
    """What it meant."""
    at: int = 0
    """When, in UTC milliseconds; 0 where time stands still."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two things a refusal compares."""

    title: str
    thing: Thing


@dataclass(frozen=True, slots=True)
class Stop:
    """A refusal that fills the window."""

    title: str
    rest: str
    expected: Side | None = None
    got: Side | None = None
    dropped: str = ""
    """How many scans were not taken."""
    answers: tuple[Answer, ...] = ()
    """What may be pressed: the keys of the state below, and the way back."""


@dataclass(frozen=True, slots=True)
class Line:
    """How the line to the hub is, in the row under the strip."""

    outcome: Outcome
    words: str
    """Connected, or since when not."""
    facts: tuple[str, ...] = ()
    """How much waits, how long the held work lasts."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device's icon in the strip; words only where it is in trouble."""

    kind: str
    """scanner, scale, printer or hub."""
    words: str = ""
    """What is the matter, and what to do."""
    short: str = ""
    """What to do, where there is room for no more."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Who works where, with which devices: the ends of the strip."""

    name: str
    role: str = ""
    station: str = ""
    devices: tuple[Device, ...] = ()
    ready: str = ""
    """That they are well, or simulated."""


def lit_answers(answers: tuple[Answer, ...], *, scan: bool) -> tuple[int, ...]:
    """Return which answers are lit: those that are so already, else the first where it is no way back and no scan is wanted.

    What has a digit is one among equals, and never the first.
    """
    now = tuple(n for n, each in enumerate(answers) if each.now)
    leads = bool(answers) and not scan and answers[0].key != "NO" and not answers[0].key.startswith("QTY-")
    return now or ((0,) if leads else ())
