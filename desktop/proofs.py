"""What proves a prompt, and the parts it is made of, as frozen values without Qt: presenters make them, widgets draw them."""

from dataclasses import dataclass
from enum import StrEnum

from desktop.storyline import Story


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
    amount: str = ""
    """How much it is, with its unit, where the number alone does not say of what."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A quiet pair of words: what, and how it is."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Hero:
    """A code, a number or a name in the largest type that fits, with quiet words below."""

    words: str
    detail: str = ""
    good: bool | None = None
    """Whether it went well, which its colour and shape say too; None for what is no outcome."""


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
    names: tuple[str, ...] = ()
    """What the parts of the code say, where the site says so: aisle, bay, level."""


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
    """A shipping label: what was sent to the printer, or what is known of it until then."""

    carrier: str
    service: str = ""
    code: str = ""
    """The number under the bars, grouped; empty while there is none."""
    bars: str = ""
    """The data of the bars."""
    lines: tuple[str, ...] = ()
    large: str = ""
    aside: tuple[str, ...] = ()
    rendering: str = ""
    """SHA-256 of what was sent; empty while nothing was."""


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
    picture: str = ""
    """SHA-256 of the picture of what all of them are about."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is wrong as a list, and every fact below it: nothing of either is folded away."""

    rows: tuple[Check, ...]
    facts: tuple[Fact, ...]
    empty: str = ""
    """What is said where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about."""

    thing: Thing
    block: Block | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ToScan:
    """A code to be scanned off the screen, with what it is of beside it."""

    content: str
    words: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """What is to be done, step by step, and below it what is known: where it is tight the steps stay and the last facts go."""

    steps: tuple[str, ...]
    facts: tuple[Fact, ...]
    picture: str = ""
    """SHA-256 of a page that is to be looked at, which stands beside them; empty for none."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo, as large as it fits."""

    digest: str
    """Empty where it is not here."""
    missing: str = ""
    """Why it is not here."""


class Part(StrEnum):
    """The part of a printer that needs a hand."""

    ROLL = "roll"
    RIBBON = "ribbon"
    HEAD = "head"
    COVER = "cover"
    PATH = "path"
    KEY = "key"
    CABLE = "cable"
    PAPER = "paper"
    """Not the printer: what was to be printed."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is to be done at a printer, step by step, beside a drawing of it with the part that it is about."""

    part: Part
    steps: tuple[str, ...]


Proof = (
    Hero
    | Place
    | Take
    | Cart
    | Packing
    | Paper
    | Dock
    | Kinds
    | Rows
    | Sheet
    | Steps
    | Subject
    | ToScan
    | Story
    | Picture
    | Remedy
)
