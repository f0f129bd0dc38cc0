"""The print ledger as a spooler uses it: which jobs there are, each state a job reaches as a command, and who hears of it."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.kernel.blobs import BlobStore
from core.kernel.clock import Clock
from core.kernel.executor import Done, Outcome, Work
from core.kernel.flow import PrintMoved, Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, SiteId
from core.kernel.printing import MovePrintJob
from core.kernel.spool import UNDER_WAY, ConfirmedBy, JobState, PrintJob, SentLast
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import ByClass
from core.packing.enclosed import paper_to_void
from core.printers.model import PrinterSeen

_NOTHING: ByClass = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a spooler needs beside its printer."""

    site: SiteId
    reading: Callable[[], AbstractContextManager[sa.Connection]]
    submit: Callable[[Work], "Future[Outcome]"]
    blobs: BlobStore
    clock: Clock
    ids: IdSource
    announce: Callable[[PrintMoved], None]
    """Hears of every state a job reaches, after its commit."""
    report: Callable[[BaseException], object]
    """Gets what a job raised that nobody foresaw."""
    look_seconds: float = 0.05
    """Between two looks at a printer that has a job."""
    templates: Path | None = None
    """The folder of the home's templates; none without."""
    simulated: bool = False
    """Whether the station is: only then it may print on a virtual printer."""
    locks: Path | None = None
    """Where the locks of printers are; where all programs of this computer look, without."""


def recover(around: Surroundings) -> int:
    """Put every job that was under way when the program ended in doubt, and return how many there were.

    What left last is a file again, wherever the power went.
    """
    with around.reading() as reader:
        for row in rows_of(SentLast, reader.execute(sql_of(SentLast).select())):
            around.blobs.put(row.data)
    jobs = jobs_in_states(around, UNDER_WAY)
    for job in jobs:
        move(around, job, JobState.UNKNOWN, fault="the program ended while it printed")
    return len(jobs)


def void_ended(around: Surroundings) -> None:
    """Void the paper of cartons that were opened again or given up at another station, and what waits of cancelled ones."""
    with around.reading() as reader:
        found = paper_to_void(reader, around.site)
    for job, why in found:
        move(around, job, JobState.VOIDED, fault=why)


def jobs_in_states(around: Surroundings, states: tuple[JobState, ...]) -> tuple[PrintJob, ...]:
    """Return this station's jobs in these states, the oldest first."""
    return _read(around, _in_states(), {"site": around.site, "states": [state.value for state in states]})


def last_sent(around: Surroundings, outlet: str) -> PrintJob | None:
    """Return the job that was sent to a printer last; None where none was."""
    return next(iter(_read(around, _last_sent(), {"site": around.site, "outlet": outlet})), None)


# Statements are put together once: every spooler asks both whenever anything is printed anywhere.


@cache
def _in_states() -> sa.Select[Any]:
    jobs = sql_of(PrintJob)
    wanted = jobs.c.state.in_(sa.bindparam("states", expanding=True))
    return sa.select(jobs).where(jobs.c.site == sa.bindparam("site"), wanted).order_by(jobs.c.created_at, jobs.c.id)


@cache
def _last_sent() -> sa.Select[Any]:
    jobs = sql_of(PrintJob)
    mine = sa.and_(jobs.c.site == sa.bindparam("site"), jobs.c.outlet == sa.bindparam("outlet"), jobs.c.sent_at > 0)
    return sa.select(jobs).where(mine).order_by(jobs.c.sent_at.desc(), jobs.c.id.desc()).limit(1)


def _read(around: Surroundings, query: sa.Select[Any], given: dict[str, Any]) -> tuple[PrintJob, ...]:
    with around.reading() as reader:
        return rows_of(PrintJob, reader.execute(query, given))


def written(
    around: Surroundings, job: PrintJob, state: JobState, *, rendering: str = "", fault: str = "", outlet: str = "",
    pages: int = 0, awaits: int = 0, confirmed_by: ConfirmedBy = ConfirmedBy.NOBODY, template: str = "",
    leaves: bytes = b"",
) -> PrintMoved | None:  # fmt: skip
    """Write a state a job reached and return the news of it; None where somebody else moved it meanwhile (it was voided).

    Bytes that are about to leave, and are no durable file yet, are kept by the same commit.
    """
    command = MovePrintJob(
        **stamp(around), job=job.id, state=state, rendering=rendering, fault=fault, outlet=outlet, pages=pages,
        awaits=awaits, confirmed_by=confirmed_by, template=template,
    )  # fmt: skip
    kept: ByClass = {SentLast: [(around.site, outlet, job.id, leaves)]} if leaves else {}
    moved = submit(around, command, kept)
    return event_of(around, job, state, fault=fault, rendering=rendering, told=command) if moved else None


def move(
    around: Surroundings, job: PrintJob, state: JobState, *, rendering: str = "", fault: str = "", pages: int = 0,
    confirmed_by: ConfirmedBy = ConfirmedBy.NOBODY, template: str = "",
) -> bool:  # fmt: skip
    """Write a state a job reached and tell of it; return False where somebody else moved it meanwhile."""
    news = written(
        around, job, state, rendering=rendering, fault=fault, pages=pages, confirmed_by=confirmed_by, template=template
    )
    if news is not None:
        around.announce(news)
    return news is not None


def note_seen(around: Surroundings, name: str, identity: tuple[str, str, int] | None, labels: int) -> None:
    """Write what a printer said of itself: who it is, and how many labels it ever printed."""
    model, firmware = ("", "") if identity is None else identity[:2]
    seen = (around.site, name, model, firmware, labels, around.clock.now_ms())
    around.submit(Work(private={PrinterSeen: [seen]}))


def event_of(
    around: Surroundings, job: PrintJob, state: JobState, *, fault: str = "", rendering: str = "", percent: int = 0,
    told: MovePrintJob | None = None,
) -> PrintMoved:  # fmt: skip
    """Return the news of a state: what a command wrote, or how far a long job is."""
    return PrintMoved(
        id=CommandId(around.ids.new()) if told is None else told.id,
        at=around.clock.now_ms() if told is None else told.at, job=job.id,
        subject=job.subject, state=str(state), fault=fault, code=job.code, rendering=rendering, percent=percent,
    )  # fmt: skip


def submit(around: Surroundings, command: MovePrintJob | OpenCase, beside: ByClass = _NOTHING) -> bool:
    """Run a command, with rows of this station alone beside it, and return whether it was done."""
    return isinstance(around.submit(Work(command=command, private=beside)).result(), Done)


def stamp(around: Surroundings) -> Stamp:
    """Return the base fields of a command of the spooler's own."""
    return Stamp(
        id=CommandId(around.ids.new()), site=around.site, at=around.clock.now_ms(), actor=SYSTEM, session=NO_SESSION
    )
