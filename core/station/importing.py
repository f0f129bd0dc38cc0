"""Reading files in, at the bench: which file, what is in it, how it is to be read; then a report, line by line.

Somebody put a file on a stick, into the inbox folder or dropped it onto the window. It is read beside the station, and
scans go on meanwhile; who comes back to this screen sees how far it is, or what became of it. What could not be read is
named with line, column, value and reason, so that it can be put right where it came from.

    ChooseFile --answer, path--> ChooseKind
    ChooseKind --answer--> ChooseMapping
    ChooseMapping --answer--> Importing
    Importing --looked at again, at its end--> ShowReport
    ShowReport --QTY-1--> ShowReport
    ShowReport --CONFIRM--> ChooseFile
    ChooseFile, Importing, ShowReport --NO--> home
    ChooseKind, ChooseMapping --NO--> ChooseFile
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa

from core.exchange.report import Entry, Trouble
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Event,
    Expect,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Scanned,
    Start,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import CommandId, PersonId, SessionId
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.people.roles import allowed

PERMISSIONS: Mapping[str, str] = {
    "items": "catalog.edit",
    "locations": "catalog.edit",
    "stock": "stock.receive",
    "orders": "orders.receive",
    "people": "people.edit",
    "containers": "catalog.edit",
    "boxes": "catalog.edit",
}
"""What a file may hold, and the permission that reading it in needs."""

FILES_SHOWN = 6
ENTRIES_SHOWN = 4
"""Problems on one page of a report."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is read in, and how far it is; its report once it is not running."""

    file: str
    kind: str
    running: bool
    lines: int = 0
    documents: int = 0
    imported: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    problems: int = 0
    """All there are; `entries` holds the first of them."""
    entries: tuple[Entry, ...] = ()
    fault: Trouble | None = None
    """Why the file as a whole could not be read."""


class ImportDesk(Protocol):
    """Where files lie and are read in, beside the station; the composition root gives it."""

    def files(self) -> tuple[str, ...]:
        """Return the names of files in the inbox, the newest first."""

    def find(self, name: str) -> str | None:
        """Return the path of a file by its name in the inbox or by a path; None where there is none."""

    def mappings(self, kind: str) -> tuple[str, ...]:
        """Return the mappings that say how such documents are read, the station's own first."""

    def begin(self, path: str, kind: str, mapping: str, *, actor: PersonId, session: SessionId) -> None:
        """Read a file in for somebody, unless one is being read."""

    def stand(self) -> Reading | None:
        """Return how far the last one is; None before the first."""


# Questions


@dataclass(frozen=True, slots=True)
class LookAtDesk:
    """What lies there, and how far is what is being read?"""

    desk: ImportDesk
    anew: bool = False
    """Whether another file is wanted: a report that was read is not shown again."""

    def run(self, _connection: sa.Connection) -> tuple[tuple[str, ...], Reading | None]:
        """Return the inbox's files and the last reading."""
        return self.desk.files()[:FILES_SHOWN], self.desk.stand()


@dataclass(frozen=True, slots=True)
class FindFile:
    """Is there a file of that name or path?"""

    desk: ImportDesk
    name: str

    def run(self, _connection: sa.Connection) -> str | None:
        """Return its path."""
        return self.desk.find(self.name)


@dataclass(frozen=True, slots=True)
class FindMappings:
    """How can such documents be read?"""

    desk: ImportDesk
    kind: str

    def run(self, _connection: sa.Connection) -> tuple[str, ...]:
        """Return the mappings' names."""
        return self.desk.mappings(self.kind)


@dataclass(frozen=True, slots=True)
class ReadIn:
    """The work itself, beside the station."""

    desk: ImportDesk
    path: str
    kind: str
    mapping: str
    actor: PersonId
    session: SessionId

    def start(self) -> None:
        """Begin."""
        self.desk.begin(self.path, self.kind, self.mapping, actor=self.actor, session=self.session)


# States


@dataclass(frozen=True, slots=True)
class ChooseFile:
    """Which file?"""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChooseKind:
    """What is in it?"""

    path: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChooseMapping:
    """How is it to be read?"""

    path: str
    kind: str
    mappings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Importing:
    """It is being read; everything else goes on."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class ShowReport:
    """What became of it."""

    reading: Reading
    page: int = 0

    @property
    def pages(self) -> int:
        """Return how many pages of problems there are."""
        return max(1, (len(self.reading.entries) + ENTRIES_SHOWN - 1) // ENTRIES_SHOWN)


State = ChooseFile | ChooseKind | ChooseMapping | Importing | ShowReport


class ImportFlow:
    """File, kind, mapping, report."""

    NAME: ClassVar[str] = "import"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = False

    def __init__(self, desk: ImportDesk) -> None:
        """Read files in at a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at the desk: what is under way or was read last is shown first."""
        if not _kinds(context):
            return Step(ChooseFile(()), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        return Step(ChooseFile(()), (Ask(LookAtDesk(self._desk)),))

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look at the desk."""
        return self.begin("", at, cause, context)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return a key for each answer."""
        back = Expect("key", "NO", "back")
        match state:
            case ChooseFile(files=names) | ChooseKind(kinds=names) | ChooseMapping(mappings=names):
                return (*(Expect("key", f"QTY-{n}", f"answer:{name}") for n, name in enumerate(names, 1)), back)
            case Importing():
                return (back,)
            case ShowReport():
                more = (Expect("key", "QTY-1", "more"),) if state.pages > 1 else ()
                return (*more, Expect("key", "CONFIRM", "another"), back)

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram."""
        match event:
            case PrintMoved():
                return Step(state)
            case Answered():
                return self._answered(state, event, context)
            case Scanned(raw=raw) if isinstance(state, ChooseFile):
                return Step(state, (Ask(FindFile(self._desk, raw)),))
            case Pressed(verb=Verb.NO) if isinstance(state, ChooseKind | ChooseMapping):
                return self._another(state)
            case Pressed(verb=Verb.NO):
                return Step(state, (Go("home"),))
            case Pressed():
                return self._pressed(state, event, context)
            case Scanned() | Weighed():
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),))
            case _:
                raise Bug(f"{event!r} while a file is read in")

    def _another(self, state: State) -> Step:
        return Step(state, (Ask(LookAtDesk(self._desk, anew=True)),))

    def _answered(self, state: State, event: Answered, context: Context) -> Step:
        match event.query, event.answer:
            case LookAtDesk(anew=anew), (files, reading):
                if reading is None or (anew and not reading.running):
                    return Step(ChooseFile(files))
                return Step(Importing(reading) if reading.running else ShowReport(reading))
            case FindFile(name=name), None:
                return Step(state, (Refuse(Refusal(Reason.NOT_FOUND, {"got": name})),))
            case FindFile(), str() as path:
                return Step(ChooseKind(path, _kinds(context)), (Play(Tone.ACCEPT),))
            case FindMappings(kind=kind), mappings if isinstance(state, ChooseKind):
                return Step(ChooseMapping(state.path, kind, mappings[:FILES_SHOWN]))
            case _:
                raise Bug(f"{event!r} while a file is read in")

    def _pressed(self, state: State, event: Pressed, context: Context) -> Step:
        match state, event.verb:
            case ChooseFile(files=files), Verb.QTY if _is_one_of(event.argument, files):
                return Step(state, (Ask(FindFile(self._desk, files[int(event.argument) - 1])),))
            case ChooseKind(kinds=kinds), Verb.QTY if _is_one_of(event.argument, kinds):
                return Step(state, (Ask(FindMappings(self._desk, kinds[int(event.argument) - 1])),))
            case ChooseMapping() as chosen, Verb.QTY if _is_one_of(event.argument, chosen.mappings):
                mapping = chosen.mappings[int(event.argument) - 1]
                work = ReadIn(self._desk, chosen.path, chosen.kind, mapping, context.actor, context.session)
                return Step(chosen, (Start(work), Play(Tone.ACCEPT), Ask(LookAtDesk(self._desk))))
            case ShowReport() as shown, Verb.QTY if event.argument == "1" and shown.pages > 1:
                return Step(replace(shown, page=(shown.page + 1) % shown.pages))
            case ShowReport(), Verb.CONFIRM:
                return self._another(state)
            case _:
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW, {"command": event.verb})),))


def may_import(roles: str) -> bool:
    """Return whether a person may read any kind of file in."""
    return any(allowed(roles, permission) for permission in PERMISSIONS.values())


def _kinds(context: Context) -> tuple[str, ...]:
    return tuple(kind for kind, permission in PERMISSIONS.items() if allowed(context.roles, permission))


def _is_one_of(argument: str, names: tuple[str, ...]) -> bool:
    return argument.isdigit() and 1 <= int(argument) <= len(names)
