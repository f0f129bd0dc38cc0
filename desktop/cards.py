"""The cards beside a prompt, as frozen values without Qt: a narrow window folds them away."""

from dataclasses import dataclass

from desktop.proofs import Block, Cart, Check, Fact, LabelFace, Mark, Thing


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
class Spot:
    """Where a stop is on the plan: an aisle, and how far along it."""

    aisle: str
    bay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The aisles side by side, the next leg of the walk between two of their spots."""

    title: str
    aside: str
    you: str
    """*You*."""
    aisles: tuple[str, ...]
    bays: int
    """Bays of the longest aisle that is known of."""
    came_from: Spot | None
    target: Spot
    ahead: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class BayPlace:
    """One place of a bay."""

    code: str
    words: str
    """What tells it from the others of the bay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bay:
    """The face of a bay one stands before, its shelves from the top."""

    title: str
    aside: str
    """*top shelf*."""
    shelves: tuple[tuple[BayPlace, ...], ...]
    target: str
    not_this: str = ""


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


Card = Route | Plan | Shelf | Bay | Cart | InHand | Listing | Gauge | LabelCard | CutOffs | Facts
