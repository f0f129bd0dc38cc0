"""Files that are read in beside the station: one at a time, on a thread with a reader of its own.

The batches go to the writer behind waiting scans, so the bench goes on working. The one thing a newcomer would get
wrong: nothing here tells the station anything; it asks, and the window asks again while a file is being read.
"""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

import sqlalchemy as sa

from core.allocation.run import Allocator
from core.exchange.imports import Importer
from core.exchange.mapping import load_mapping, shipped
from core.exchange.report import FileProblem, Report, Trouble, UnreadableFile
from core.kernel.clock import Clock
from core.kernel.executor import Outcome, Work
from core.kernel.ids import IdSource, PersonId, SessionId, SiteId
from core.kernel.refusal import Fault
from core.station.importing import Reading

INBOX = "inbox"
_OWN = "dockside"
"""The mapping whose columns are named as ours are: what a file is most likely written for."""


class FileDesk:
    """The inbox of a home, and the one file that is being read.

    Args given at construction: the folder, whose files they are, and what an import needs.
    """

    def __init__(
        self,
        folder: Path,
        site: SiteId,
        reader: Callable[[], sa.Connection],
        submit: Callable[[Work], "Future[Outcome]"],
        clock: Clock,
        ids: IdSource,
        *,
        plans: bool = True,
    ) -> None:
        """Read nothing yet.

        Args:
            folder: the inbox.
            site: whose documents they are.
            reader: opens a connection that reads.
            submit: takes work that nobody waits for.
            clock: the time.
            ids: gives ids.
            plans: whether stock is promised here; where the site is shared, its hub does that.
        """
        self._folder, self._plans = folder, plans
        self._site, self._reader, self._submit, self._clock, self._ids = site, reader, submit, clock, ids
        self._pool: ThreadPoolExecutor | None = None
        self._work: Future[Report] | None = None
        self._file, self._kind = Path(), ""
        self._report = Report("")
        self._stopped = Event()

    # What a desk is asked

    def files(self) -> tuple[str, ...]:
        """Return the names of files in the inbox, the newest first."""
        self._folder.mkdir(exist_ok=True)
        found = [each for each in self._folder.iterdir() if each.is_file() and not _is_other(each)]
        return tuple(each.name for each in sorted(found, key=lambda each: -each.stat().st_mtime))

    def find(self, name: str) -> str | None:
        """Return the path of a file by its name in the inbox or by a path; None where there is none."""
        wanted = name.strip().strip('"')
        if not wanted or "\0" in wanted:
            return None
        for path in (self._folder / wanted, Path(wanted).expanduser()):
            try:
                if path.is_file():
                    return str(path)
            except OSError:
                # Too long for a name, or on a drive that is gone: there is no such file.
                continue
        return None

    def mappings(self, kind: str) -> tuple[str, ...]:
        """Return the mappings that say how such documents are read, the station's own first."""
        own = sorted(str(each) for each in self._folder.glob("*.toml"))
        known = sorted(shipped(), key=lambda name: (name != _OWN, name))
        return tuple(each for each in (*known, *own) if _reads(each, kind))

    def begin(self, path: str, kind: str, mapping: str, *, actor: PersonId, session: SessionId) -> None:
        """Read a file in for somebody, unless one is being read."""
        if self._work is not None and not self._work.done():
            return
        self._file, self._kind, self._report = Path(path), kind, Report(Path(path).name)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._work = self._pool.submit(self._run, Path(path), kind, mapping, actor, session)

    def stand(self) -> Reading | None:
        """Return how far the last one is; None before the first.

        Raises:
            BaseException: what nobody foresaw while it was read; it is told once.
        """
        if self._work is None:
            return None
        if not self._work.done():
            return self._told(self._report, running=True)
        failed = self._work.exception()
        if failed is None:
            return self._told(self._work.result(), running=False)
        if isinstance(failed, Fault | OSError):
            return self._told(self._report, running=False, fault=_trouble(self._file.name, failed))
        self._work = None
        raise failed

    @property
    def running(self) -> bool:
        """Return whether a file is being read."""
        return self._work is not None and not self._work.done()

    def close(self) -> None:
        """Stop reading; what was committed stays, and the same file can be read in again."""
        self._stopped.set()
        if self._pool is not None:
            self._pool.shutdown()

    # Beside the station

    def _run(self, path: Path, kind: str, mapping: str, actor: PersonId, session: SessionId) -> Report:
        reader = self._reader()
        try:
            importer = Importer(
                site=self._site, reader=reader, submit=self._submit, clock=self._clock, ids=self._ids,
                progress=self._progress, actor=actor, session=session,
            )  # fmt: skip
            report = importer.run(kind, path, mapping)
            if self._plans and kind in ("orders", "stock"):
                allocator = Allocator(
                    self._site, reader, self._submit, self._clock, self._ids,
                    goes_on=lambda: not self._stopped.is_set(),
                )  # fmt: skip
                allocator.run()
            return report
        finally:
            reader.close()

    def _progress(self, report: Report) -> None:
        if self._stopped.is_set():
            raise CancelledError
        self._report = report

    def _told(self, report: Report, *, running: bool, fault: Trouble | None = None) -> Reading:
        return Reading(
            self._file.name, self._kind, running, report.lines, report.documents, report.imported, report.unchanged,
            report.skipped, report.rejected, sum(report.problems.values()), () if running else tuple(report.entries), fault,
        )  # fmt: skip


def _trouble(file: str, fault: Fault | OSError) -> Trouble:
    """Return what became of a file that was not read to its end: it cannot be read, or the disk refused."""
    if isinstance(fault, UnreadableFile):
        return fault.trouble
    return Trouble(file, FileProblem.BROKEN_OFF, facts=(("why", str(fault)),))


def _is_other(path: Path) -> bool:
    return path.name.startswith(".") or path.suffix == ".toml"


def _reads(mapping: str, kind: str) -> bool:
    """Return whether a mapping is offered for such documents: one with a mistake is, so that its report names it."""
    try:
        load_mapping(mapping, kind)
    except UnreadableFile as fault:
        return fault.trouble.problem is not FileProblem.SAYS_NOTHING
    return True
