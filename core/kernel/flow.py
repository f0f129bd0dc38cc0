"""What floor flows are made of: events in, a new state and effects out, no input or output of their own.

A flow is pure: `handle(state, event, context) -> Step`. States are frozen dataclasses named after what the operator must
do next. At most one `Run` or `Ask` per step; while it is pending the station queues scans, so a flow never sees a scan
in a waiting state. The newcomer's mistake: changing the state on a refusal. A refused scan changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypedDict, TypeVar

import sqlalchemy as sa

from core.kernel.commands import Command
from core.kernel.executor import Done, Failed
from core.kernel.ids import (
    NO_ID,
    CommandId,
    LocationId,
    OwnerId,
    PersonId,
    SessionId,
    SiteId,
    StationId,
    derive,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import ByClass


class CodeKind(StrEnum):
    """What a scannable code names."""

    ITEM = "item"
    LOCATION = "location"
    TOTE = "tote"
    CART = "cart"
    BOX_TYPE = "box_type"
    ORDER = "order"
    PARCEL = "parcel"
    LPN = "lpn"
    LOT = "lot"
    SERIAL = "serial"
    PERSON = "person"
    BATCH = "batch"
    MANIFEST = "manifest"
    FILL = "fill"
    """A tote's slip: what is in this filling of it."""


class Verb(StrEnum):
    """Commands of the keys and command barcodes (devices.md 1.7)."""

    CONFIRM = "CONFIRM"
    SHORT = "SHORT"
    DAMAGED = "DAMAGED"
    FULL = "FULL"
    REPRINT = "REPRINT"
    SKIP = "SKIP"
    WEIGH = "WEIGH"
    UNDO = "UNDO"
    CALL = "CALL"
    HELP = "HELP"
    MENU = "MENU"
    FIND = "FIND"
    CHANGE = "CHANGE"
    NOTPRINTED = "NOTPRINTED"
    PRINT = "PRINT"
    TARE = "TARE"
    ZERO = "ZERO"
    BOX = "BOX"
    QTY = "QTY"
    GRADE = "GRADE"
    DISP = "DISP"
    PHOTO = "PHOTO"
    PAUSE = "PAUSE"
    LOGOUT = "LOGOUT"
    YES = "YES"
    NO = "NO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One thing a scanned code can mean here."""

    kind: CodeKind
    target: bytes
    code: str
    """As people read it: SKU, location code, tote code."""
    label: str
    """What it is, for the sentence: an item's description with its variant, a location's code."""
    variant: str = ""
    """What tells an item from others of its description."""
    picture: str = ""
    """SHA-256 of an item's picture."""
    owner: OwnerId = OwnerId(NO_ID)
    quantity: int = 1
    """Base units one scan stands for."""
    lot: str = ""
    serial: str = ""
    expiry: str = ""
    """What the same symbol said beside the item; empty when it said nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """What a symbol that is no text says of the units it is on, whatever item that is; empty for what it does not say."""

    lot: str = ""
    serial: str = ""
    expiry: str = ""
    """ISO date."""


# Events: everything that can happen to a flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A code was scanned or typed; `candidates` is everything it can mean, none if unknown."""

    id: CommandId
    """The gesture's id: the command it leads to has the same."""
    at: int
    raw: str
    candidates: tuple[Candidate, ...] = ()
    rejected: Reason | None = None
    """Why the code itself is no good (lost separators, check digit), whatever it might mean."""
    typed: bool = False
    symbol: Symbol | None = None
    """What a message of elements says by itself; None where the text is, or may be, all there is to it."""
    settled: bool = True
    """Whether it was read at least 800 ms after the question was painted, and not from the backlog: only such a rescan
    confirms."""

    def of(self, *kinds: CodeKind) -> tuple[Candidate, ...]:
        """Return the candidates of these kinds."""
        return tuple(each for each in self.candidates if each.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A key, button or command barcode."""

    id: CommandId
    at: int
    verb: Verb
    argument: str = ""

    def behind(self, typed: str) -> str:
        """Return the number that this digit makes of those typed before it; several digits are a number of their own."""
        return self.argument if len(self.argument) > 1 else typed + self.argument


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretEntered:
    """A PIN was typed; it is recorded nowhere. Only flows that ask for one ever get it."""

    id: CommandId
    at: int
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The scale settled on a weight."""

    id: CommandId
    at: int
    grams: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The rows a query asked for; what is there now, nothing promised."""

    query: "Query"
    answer: Any
    at: int
    id: CommandId
    """The gesture that led to the question: a command it leads to takes this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintMoved:
    """A print job reached a state (printed, unknown, held…), as a command wrote it."""

    id: CommandId
    at: int
    job: bytes
    subject: bytes
    state: str
    fault: str = ""
    code: str = ""
    """The code on it that proves it when scanned back; empty for paper that has none, such as a slip."""
    rendering: str = ""
    """SHA-256 of its bytes, where this state is the first that has them."""
    percent: int = 0
    """How much of a long job has left us while it is sent; 0 where nothing is to be said."""


Event = Scanned | Pressed | Weighed | Answered | PrintMoved | Done | Failed


# Effects: everything a flow can want


class Tone(StrEnum):
    """Outcomes an operator hears and sees."""

    ACCEPT = "accept"
    DONE = "done"
    CAUTION = "caution"
    REFUSE = "refuse"
    NONE = "none"


class Query(Protocol):
    """A question to the database, as a frozen value: `run` reads, and reads only."""

    def run(self, connection: sa.Connection) -> Any:
        """Return the answer as frozen values."""


@dataclass(frozen=True, slots=True)
class Run:
    """Let the writer run a command; its `Done` or `Failed` comes back."""

    command: Command
    beside: ByClass = field(default_factory=dict)
    """Rows of this station alone that the command names and does not carry (`Work.private`)."""

    def __hash__(self) -> int:
        """Hash by the command."""
        return hash(self.command)


@dataclass(frozen=True, slots=True)
class Ask:
    """Read something; `Answered` comes back."""

    query: Query


@dataclass(frozen=True, slots=True)
class Play:
    """Give an outcome's tone."""

    tone: Tone


@dataclass(frozen=True, slots=True)
class Refuse:
    """Say no: the refusal fills the screen until the next correct scan or one key. The state stays as it was."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Say:
    """Fill the last-scan band: one of `core.kernel.notes.Note` with the facts of its sentence."""

    note: str
    facts: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))

    def __hash__(self) -> int:
        """Hash by note and facts."""
        return hash((self.note, tuple(sorted(self.facts.items()))))


@dataclass(frozen=True, slots=True)
class Go:
    """Leave this flow for another (`home`, `pick`, `pack`, `dispatch`…), with what it starts from."""

    flow: str
    argument: str = ""


class Background(Protocol):
    """Work that no command can hold, as a frozen value: a file of a million lines."""

    def start(self) -> None:
        """Begin, and return at once."""


@dataclass(frozen=True, slots=True)
class Start:
    """Let work begin beside the station. Nothing comes back: whoever wants to know asks how far it is."""

    work: Background


@dataclass(frozen=True, slots=True)
class Take:
    """Give a code to the step that comes next, as if it were scanned there now: a stored scan that somebody confirmed."""

    code: str
    device: str = ""
    trusted: bool = False
    """That scanner has shown that it passes separators on."""


Effect = Run | Ask | Play | Refuse | Say | Go | Start | Take


@dataclass(frozen=True, slots=True)
class Expect:
    """Something the state takes next, with a code or key that would do it: so that a program can play the operator."""

    kind: str
    """A `CodeKind`, ``key`` or ``weight``."""
    code: str
    """A code to scan, a verb to press (``SHORT``, ``BOX-M1``), or grams."""
    meaning: str = ""
    """What it would do, for a program: next, short, damaged, full, undo, skip, wrong…"""


class Stamp(TypedDict):
    """The base fields of a command, to be spread into its constructor."""

    id: CommandId
    site: SiteId
    at: int
    actor: PersonId
    session: SessionId


@dataclass(frozen=True, slots=True)
class Rule:
    """How strict a check is for the case in hand, and who may pass it."""

    mode: str
    """off, inform, confirm or block."""
    passed_by: str = ""
    """Roles whose badge and PIN pass it, comma-separated; empty for nobody."""


class Policies(Protocol):
    """How strict every check is for this person at this station, held in memory: asking costs no statement."""

    def rule(self, check: str, *, items: Iterable[bytes] = (), zone: bytes = NO_ID, printer: str = "") -> Rule:
        """Return what holds for a case; of several items, the strictest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who works where, under which policies: fixed for the length of one event."""

    site: SiteId
    station: StationId
    bench: LocationId
    """The location of this bench: where packed goods are booked."""
    actor: PersonId
    session: SessionId
    today: str
    """ISO date in the site's zone, for expiry."""
    roles: str = ""
    """The operator's roles, comma-separated: which jobs are offered; what is allowed is the gate's business."""
    policies: Policies
    """How strict each check is for this person and station."""
    overridden: frozenset[str] = frozenset()
    """Checks that a supervisor's badge and PIN passed for this one event; a refusal that may be passed so names its
    check in the fact ``override``."""
    stopped_by: str = ""
    """The check that refused the last gesture and that a supervisor could pass; *call* then parks the work."""

    def stamp(self, event: Scanned | Pressed | SecretEntered | Weighed | Answered | PrintMoved) -> Stamp:
        """Return the base fields of the command that a gesture leads to: it takes the gesture's id."""
        return Stamp(id=event.id, site=self.site, at=event.at, actor=self.actor, session=self.session)

    def stamp_after(self, done: Done, purpose: str) -> Stamp:
        """Return the base fields of a command that follows another without a gesture."""
        if done.command is None:
            raise ValueError("nothing was done")
        return Stamp(
            id=CommandId(derive(done.command, purpose)),
            site=self.site,
            at=done.at,
            actor=self.actor,
            session=self.session,
        )


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Step:
    """What an event led to."""

    state: Any
    effects: tuple[Effect, ...] = ()


class Flow(Protocol):
    """One bench's work as a state machine; stateless itself."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int]
    STATES: ClassVar[Any]
    """The union of its state classes, for the codec."""
    KEEPS: ClassVar[bool]
    """Whether its state outlives a restart; what only shows things begins anew."""

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Return the first step; `argument` says what to start from, empty for nothing."""

    def handle(self, state: Any, event: Any, context: Context) -> Step:
        """Return what an event does in a state.

        Raises:
            Bug: the event cannot happen in this state.
        """

    def resume(self, state: Any, at: int, cause: CommandId, context: Context) -> Step:
        """Return the step that brings a stored state up to date after a restart or a return to it."""

    def expects(self, state: Any) -> tuple[Expect, ...]:
        """Return what the state takes next, the most wanted first."""
