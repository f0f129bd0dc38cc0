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
    Expect,
    Go,
    Play,
    Pressed,
    Refuse,
    Scanned,
    Start,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId, PersonId, SessionId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.roles import allowed
from core.station.questions import Answers, Questions, key, numbered

PERMISSIONS: Mapping[str, str] = {
    "items": "catalog.edit",
    "locations": "catalog.edit",
    "stock": "stock.receive",
    "orders": "orders.receive",
    "people": "people.edit",
    "containers": "catalog.edit",
    "boxes": "catalog.edit",
    "deliveries": "receiving.announce",
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


class ImportFlow(Questions):
    """File, kind, mapping, report."""

    NAME: ClassVar[str] = "import"
    STATES: ClassVar[Any] = State

    def __init__(self, desk: ImportDesk) -> None:
        """Read files in at a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at the desk: what is under way or was read last is shown first."""
        if not _kinds(context):
            return Step(ChooseFile(()), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        return Step(ChooseFile(()), (Ask(LookAtDesk(self._desk)),))

    def answers(self, state: State) -> Answers:
        """Return what can be chosen."""
        match state:
            case ChooseFile(files=names) | ChooseKind(kinds=names) | ChooseMapping(mappings=names):
                return numbered(names)
            case ShowReport() if state.pages > 1:
                return {1: "more"}
            case _:
                return {}

    def takes(self, state: State) -> tuple[Expect, ...]:
        """Return the way to another file."""
        return (key("CONFIRM", "another"),) if isinstance(state, ShowReport) else ()

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead to the files while one is chosen, and home else."""
        return self._another(state) if isinstance(state, ChooseKind | ChooseMapping) else Step(state, (Go("home"),))

    def scanned(self, state: State, event: Scanned, context: Context) -> Step | None:
        """Take a file's name or path."""
        return Step(state, (Ask(FindFile(self._desk, event.raw)),)) if isinstance(state, ChooseFile) else None

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Lead from a report to another file."""
        return self._another(state) if isinstance(state, ShowReport) and event.verb is Verb.CONFIRM else None

    def _another(self, state: State) -> Step:
        return Step(state, (Ask(LookAtDesk(self._desk, anew=True)),))

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Show what there is, and how far it is."""
        if not isinstance(event, Answered):
            return None
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
                return None

    def chosen(self, state: State, digit: int, event: Pressed, context: Context) -> Step | None:
        """Go on with what was chosen."""
        match state:
            case ChooseFile(files=files):
                return Step(state, (Ask(FindFile(self._desk, files[digit - 1])),))
            case ChooseKind(kinds=kinds):
                return Step(state, (Ask(FindMappings(self._desk, kinds[digit - 1])),))
            case ChooseMapping(path=path, kind=kind, mappings=mappings):
                work = ReadIn(self._desk, path, kind, mappings[digit - 1], context.actor, context.session)
                return Step(state, (Start(work), Play(Tone.ACCEPT), Ask(LookAtDesk(self._desk))))
            case ShowReport(page=page, pages=pages):
                return Step(replace(state, page=(page + 1) % pages))
            case _:
                return None


def may_import(roles: str) -> bool:
    """Return whether a person may read any kind of file in."""
    return any(allowed(roles, permission) for permission in PERMISSIONS.values())


def _kinds(context: Context) -> tuple[str, ...]:
    return tuple(kind for kind, permission in PERMISSIONS.items() if allowed(context.roles, permission))
