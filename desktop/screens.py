"""What a screen shows, as frozen values without Qt: presenters make them, views paint them.

A screen is one prompt, one thing that proves it is right (`proof`) and, beside them, cards (`beside`) that a narrow
window folds away. The one thing a newcomer would get wrong: a screen holds words and drawings to be, never a decision.
"""

from dataclasses import dataclass
from enum import StrEnum

from desktop.storyline import Story

BLOCK = "\ufffc"
"""Where in a prompt its block stands: *Take ￼ each*."""


class Outcome(StrEnum):
    """The colour, icon shape and word of an outcome."""

    ACCEPT = "accept"
    CAUTION = "caution"
    REFUSE = "refuse"
    INFO = "info"


class Mark(StrEnum):
    """How far one thing of several is."""

    DONE = "done"
    NOW = "now"
    LATER = "later"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Block:
    """Reversed digits inside the sentence: a quantity in ink, or a slot in the accent with its sticker."""

    words: str
    slot: int = 0
    """The slot it names; 0 for a quantity."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An item as people tell it from others."""

    name: str
    variant: str = ""
    code: str = ""
    """A code of it, grouped."""
    picture: str = ""
    """SHA-256 of its picture; empty for none."""

    @property
    def words(self) -> str:
        """Return it on one line."""
        return ", ".join(filter(None, (self.name, self.variant))) or self.code


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
    number: str = ""
    """Its number on the list, where a drawing refers to it."""
    picture: str = ""


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
    detail: str = ""
    """What follows from it, in quiet words."""
    big: bool = False
    """The one job that waits, on a screen that asks nothing."""


@dataclass(frozen=True, slots=True)
class KeyCap:
    """One F key of this kind of bench."""

    verb: str
    words: str
    enabled: bool = True


# What proves a prompt


@dataclass(frozen=True, slots=True)
class Hero:
    """A code, a number or a name in the largest type that fits, with quiet words below."""

    words: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to go, and what is taken there then."""

    code: str
    lead: str
    """*Then take*."""
    block: Block
    unit: str
    """*each*, with its packaging: *each = 2 inners*."""
    thing: Thing
    into: str = ""
    """*into slot*, for a window without the cart beside it."""
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What looks the same and is not: struck out, with its place."""

    words: str
    place: str
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """The item to take, as large as it can be told from others."""

    thing: Thing
    notes: tuple[str, ...] = ()
    """Lot, serial, hazard."""
    neighbour: Neighbour | None = None
    into: str = ""
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Cart:
    """The cart's slots, from the front."""

    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Solid:
    """A unit in a carton: where it lies and how large it is, in millimetres."""

    x: int
    y: int
    z: int
    length: int
    width: int
    height: int
    number: str
    """Its line on the checklist."""
    lit: bool = False
    """The unit in hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carton:
    """An open carton with what is in it, in millimetres."""

    length: int
    width: int
    height: int
    solids: tuple[Solid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """The order's checklist beside the carton it fills."""

    count: str
    """*6 of 7*."""
    checks: tuple[Check, ...]
    carton: Carton | None = None
    caption: str = ""
    """What the carton is: *C3, 400 x 300 x 250 mm*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFace:
    """A shipping label as far as the station knows it without the customer's address."""

    carrier: str
    service: str = ""
    code: str = ""
    """The number under the bars, grouped; empty while there is none."""
    bars: str = ""
    """The data of the bars."""
    lines: tuple[str, ...] = ()
    large: str = ""
    aside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a label on its way to the box."""

    words: str
    detail: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Paper:
    """The label as a picture, with the steps it goes through."""

    label: LabelFace
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A carrier's parcels: those that are in, and those that wait."""

    carrier: str
    loaded: int
    total: int
    count: str
    """*26 of 40*."""
    detail: str = ""
    trouble: str = ""
    """*2 without label*."""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Dock:
    """Everything that goes out through a dock."""

    summary: str
    loads: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class Kinds:
    """What can be scanned: an icon's name and its word."""

    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list that is the answer."""

    rows: tuple[Check, ...]
    empty: str = ""
    """Why there is nothing, and what would fill it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about."""

    thing: Thing
    block: Block | None = None
    detail: str = ""


Proof = Hero | Place | Take | Cart | Packing | Paper | Dock | Kinds | Rows | Subject | Story


# Cards beside it


@dataclass(frozen=True, slots=True)
class WalkStop:
    """One stop of the walk."""

    code: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Route:
    """The walk as a line: what is done, where you go, what comes."""

    title: str
    aside: str
    stops: tuple[WalkStop, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The places beside each other where one stands, in walk order; one is asked for."""

    title: str
    places: tuple[str, ...]
    target: str
    not_this: str = ""
    """The place of what looks the same."""


@dataclass(frozen=True, slots=True)
class InHand:
    """What one holds."""

    title: str
    block: Block
    unit: str
    thing: Thing


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with its head."""

    title: str
    aside: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """What the scale says against what it should say, in grams."""

    title: str
    reading: str
    words: str
    """*when full*, *as expected*, *too light*."""
    band: str
    """*1.84 to 1.96 kg*."""
    grams: int
    low: int
    high: int
    fits: bool
    """Whether the weight is inside the band."""
    off: bool = False
    """Whether it is wrong rather than not there yet."""


@dataclass(frozen=True, slots=True)
class LabelCard:
    """How the label stands."""

    title: str
    state: str
    detail: str
    label: LabelFace


@dataclass(frozen=True, slots=True)
class CutOffRow:
    """Work that leaves at one time."""

    time: str
    left: str
    """*18 min*, or the day."""
    carrier: str
    orders: str
    """Orders with their unit: *38 orders*."""
    stages: tuple[int, int, int]
    """Per mille of the units that are loaded, packed and picked, most done first, not summed."""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class CutOffs:
    """What waits, by cut-off."""

    title: str
    rows: tuple[CutOffRow, ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Quiet pairs."""

    facts: tuple[Fact, ...]
    title: str = ""


Card = Route | Shelf | Cart | InHand | Listing | Gauge | LabelCard | CutOffs | Facts


# The screen and its frame


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
class Device:
    """A device's icon in the strip; words only where it is in trouble."""

    kind: str
    """scanner, scale, printer or hub."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Who works where, with which devices: the ends of the strip."""

    name: str
    role: str = ""
    station: str = ""
    devices: tuple[Device, ...] = ()
    ready: str = ""
    """That they are well, or simulated."""
