"""Commands: the only way anything changes, each a frozen decision with `reads`, `check` and `apply`.

A command carries decisions, not requests: planners run before it, and it names the reservations, label numbers and
carton they decided. `apply` knows no clock, no chance and no planner; applied to equal states it writes equal rows.
The `apply` of a fact is total: whatever rows are gone or changed, it never raises.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, dataclass_transform

from core.kernel import codec
from core.kernel.ids import CommandId, PersonId, SessionId, SiteId
from core.kernel.refusal import Bug, Refusal
from core.kernel.tables import Key, R, Row

if TYPE_CHECKING:
    from core.kernel.numbers import Number
    from core.kernel.operations import Operation
    from core.kernel.uow import UnitOfWork

Reads = Mapping[type[Row], Iterable[Key]]
Finds = Mapping[tuple[type[Row], str], Iterable[Key]]
"""Values by row class and the uniqueness by which rows are found."""


class Read(Protocol):
    """What `check` may look at: rows by a key that their table declares, never a search."""

    def get(self, cls: type[R], key: Key) -> R | None:
        """Return the row of a key, or None."""

    def find(self, cls: type[R], name: str, values: Iterable[Key]) -> dict[Key, R]:
        """Return rows by a declared uniqueness, or by its first columns."""


class OpClass(StrEnum):
    """How the world treats a command (architecture: facts, claims, edits)."""

    FACT = "fact"
    """It already happened: once the station recorded it, it is only ever applied."""
    CLAIM = "claim"
    """It needs a right before the act; checked wherever it is applied."""
    EDIT = "edit"
    """Master data and settings: compares the base version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command has: who decided it, when, for which site."""

    KIND: ClassVar[str]
    VERSION: ClassVar[int]
    CLASS: ClassVar[OpClass]
    PERMISSION: ClassVar[str]

    id: CommandId
    site: SiteId
    at: int
    """UTC milliseconds of the decision, by the station's clock."""
    actor: PersonId
    session: SessionId

    def reads(self) -> Reads:
        """Return the keys of the rows that `check` and `apply` will look at, by row class: fetched together."""
        return {}

    def finds(self) -> Finds:
        """Return what `check` and `apply` will find by a uniqueness where others than its own station apply it."""
        return {}

    def under(self, _uow: "UnitOfWork") -> int:
        """Return the fence of the lease it is done under, where several stations share a site; 0 for none."""
        return 0

    def claims(self) -> tuple[str, bytes] | None:
        """Return the stage and work that it needs a lease for, where several stations share a site; None for none."""
        return None

    def numbers(self) -> "tuple[tuple[str, Number], ...]":
        """Return the numbers it gives out, each with the name of its range: they must be the station's to give."""
        return ()

    def goes_on_with(self) -> tuple[str, bytes] | None:
        """Return the stage and work that this goes on with without claiming it anew; None for none."""
        return None

    def unheard(self, _read: Read) -> Refusal | None:
        """Return why a station that shares its site must not do it without its hub, or None.

        What is free by a station's books may be somebody else's by now.
        """
        return None

    def check(self, read: Read) -> Refusal | None:
        """Return why this must not happen now, or None."""
        raise NotImplementedError

    def apply(self, uow: "UnitOfWork") -> None:
        """Write what happened."""
        raise NotImplementedError


C = TypeVar("C", bound=Command)

_BASE = frozenset(field.name for field in fields(Command))

REGISTRY: dict[str, type[Command]] = {}
"""Every command by kind; the newest version of each."""

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

_UPCASTS: dict[tuple[str, int], Upcast] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(kind: str, op_class: OpClass, *, permission: str, version: int = 1) -> Callable[[type[C]], type[C]]:
    """Declare a command: a frozen dataclass, its name in the log, its class and the permission it needs."""

    def declare(cls: type[C]) -> type[C]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.KIND, made.VERSION, made.CLASS, made.PERMISSION = kind, version, op_class, permission
        if kind in REGISTRY:
            raise ValueError(f"command {kind} is declared twice")
        REGISTRY[kind] = made
        return made

    return declare


def upcast(kind: str, version: int, change: Upcast) -> None:
    """Register how a body of an older version becomes one of the next."""
    _UPCASTS[kind, version] = change


def body_of(command: Command) -> str:
    """Return a command's own fields as canonical JSON: what the operation log keeps."""
    return codec.canonical(
        {field.name: codec.encode(getattr(command, field.name)) for field in fields(command) if field.name not in _BASE}
    )


def command_of(operation: "Operation") -> Command:
    """Return the command that an operation recorded, brought to today's version.

    Raises:
        Bug: its kind or version is not known here.
    """
    cls = REGISTRY.get(operation.kind)
    if cls is None or operation.version > cls.VERSION:
        raise Bug(f"unknown operation {operation.kind} version {operation.version}")
    plain = codec.parse(operation.body)
    for version in range(operation.version, cls.VERSION):
        plain = _UPCASTS[operation.kind, version](plain)
    plain |= {
        "id": operation.id.hex(),
        "site": operation.site,
        "at": operation.device_ms,
        "actor": operation.actor.hex(),
        "session": operation.session.hex(),
    }
    return codec.decode(cls, plain)
