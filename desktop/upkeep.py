"""Upkeep in quiet minutes: the write-ahead log is made short, and once a day the station's file is copied."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from PySide6.QtCore import QObject, QTimer

from core.amending.over import files_needed, retire
from core.kernel.catching_up import KEPT_MS, forget
from core.kernel.executor import Executor, Work
from core.kernel.upkeep import copy_due, make_daily_copy, shorten_log
from core.receiving.closing import closing_commands
from desktop.assembly import Assembly
from desktop.planning import stamp

LOOK_MS = 60_000
"""A minute in which nothing was scanned is quiet."""


class Upkeep(QObject):
    """Looks once a minute whether anybody worked, and tidies where nobody did."""

    def __init__(self, assembly: Assembly, heard: Callable[[], int], report: Callable[[BaseException], object]) -> None:
        """Begin to look.

        Args:
            assembly: the station's parts.
            heard: how many inputs were answered so far.
            report: gets what went wrong: upkeep never stops a bench.
        """
        super().__init__()
        self._assembly, self._heard, self._report = assembly, heard, report
        self._seen = -1
        self._over = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="upkeep")
        self._copy: Future[Path] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Tidy if nobody scanned since the last look."""
        heard = self._heard()
        quiet, self._seen = heard == self._seen, heard
        if quiet:
            self._assembly.writer.maintain(shorten_log).add_done_callback(self._told)
            self._prune()
            self._copy_if_due()

    def _prune(self) -> None:
        """Let old rows of the feed go, where there is one, and work that is over: slice by slice, behind every scan."""
        if self._assembly.membership is not None:
            self._assembly.writer.ask(self._prune_some).add_done_callback(self._pruned)

    def _prune_some(self, executor: Executor) -> bool:
        site, now = self._assembly.identity.site, self._assembly.clock.now_ms()
        more = [False]

        def some(connection: sa.Connection) -> None:
            more[0] = forget(connection, site, now) or bool(retire(connection, site, now))

        executor.load(some)
        return more[0]

    def _pruned(self, future: "Future[bool]") -> None:
        """Go on where there is more; called on the writer's thread."""
        if future.exception() is not None:
            self._told(future)
        elif future.result() and not self._over:
            self._assembly.writer.ask(self._prune_some).add_done_callback(self._pruned)

    def _copy_if_due(self) -> None:
        home, now = self._assembly.home, self._assembly.clock.now_ms()
        if (self._copy is None or self._copy.done()) and copy_due(home.backups, now):
            self._copy = self._pool.submit(make_daily_copy, self._assembly.database, home.backups, now)
            self._copy.add_done_callback(self._told)
            if self._assembly.membership is not None:
                self._pool.submit(sweep, self._assembly, now).add_done_callback(self._told)
            else:
                self._pool.submit(close_deliveries, self._assembly).add_done_callback(self._told)

    def _told(self, future: "Future[Path] | Future[None] | Future[bool] | Future[int]") -> None:
        error = future.exception()
        if error is not None:
            self._report(error)

    def close(self) -> None:
        """Stop looking, and let a copy that is under way end."""
        self._over = True
        self._timer.stop()
        self._pool.shutdown()


def close_deliveries(assembly: Assembly) -> int:
    """Finish some deliveries that nobody finishes, at a station that is alone; return how many."""
    with assembly.database.reading() as reader:
        old = list(closing_commands(reader, assembly.identity.site, stamp(assembly), alone=True))
    for each in old:
        assembly.submit(Work(command=each)).result()
    return len(old)


def sweep(assembly: Assembly, now_ms: int) -> int:
    """Let files beside the database go that are a month old and that no row names any more; return how many went.

    Raises:
        OSError: the disk refused.
    """
    blobs, gone = assembly.home.blobs, 0
    old = list(blobs.older(now_ms - KEPT_MS))
    with assembly.database.reading() as reader:
        needed = files_needed(reader, assembly.identity.site)
    for digest in old:
        if digest not in needed:
            blobs.remove(digest)
            gone += 1
    return gone
