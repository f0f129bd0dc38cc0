"""The one writer: a thread that owns the writing connection and runs one work after another.

A future resolves after the commit returned; only then may anything beep, show or print. Background work (imports,
allocation) hands over short works one at a time; whatever an operator waits for goes first. Where the disk refuses
(full, torn away), the work fails as a `DatabaseFault` and the next one gets a new connection: after a failed sync the
old one may believe in pages that never reached the disk.
"""

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Self, TypeVar

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.database import Database, DatabaseFault
from core.kernel.executor import Executor, Gate, Identity, Outcome, Work

T = TypeVar("T")

_FOREGROUND, _BACKGROUND, _STOP = 0, 1, 2


class Writer:
    """Runs works on its own thread; a context manager, `submit` from any thread."""

    def __init__(self, database: Database, identity: Identity, clock: Clock, gate: Gate) -> None:
        """Prepare a writer on a database that nobody else writes."""
        self._database = database
        self._executor: Executor | None = None
        self._parts = (identity, clock, gate)
        self._queue: queue.PriorityQueue[tuple[int, int, Callable[[], None] | None]] = queue.PriorityQueue()
        self._order = itertools.count()
        self._thread = threading.Thread(target=self._run, name="dockside-writer")

    def __enter__(self) -> Self:
        """Open the connection and start the thread."""
        self._opened()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Finish what was handed over, then stop."""
        self._queue.put((_STOP, next(self._order), None))
        self._thread.join()
        if self._executor is not None:
            self._executor.connection.close()

    def submit(self, work: Work) -> Future[Outcome]:
        """Hand over work that somebody waits for."""
        return self._hand_over(_FOREGROUND, lambda executor: executor.perform(work))

    def submit_background(self, work: Work) -> Future[Outcome]:
        """Hand over a short work (about 20 ms) that lets every waiting scan go first."""
        return self._hand_over(_BACKGROUND, lambda executor: executor.perform(work))

    def maintain(self, task: Callable[[sa.Connection], None]) -> Future[None]:
        """Run upkeep (checkpoint, backup) on the writing connection, outside a transaction, when nobody waits."""
        return self._hand_over(_BACKGROUND, lambda executor: task(executor.connection))

    @property
    def waiting(self) -> int:
        """Return how many works are handed over and not begun."""
        return self._queue.qsize()

    def _hand_over(self, priority: int, call: Callable[[Executor], T]) -> Future[T]:
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call(self._opened())
            except sa.exc.DatabaseError as e:
                self._give_up()
                fault = DatabaseFault(f"not written: {e.orig}")
                fault.__cause__ = e
                future.set_exception(fault)
            except Exception as e:  # noqa: BLE001  the future carries it to whoever waits: no error is lost
                future.set_exception(e)
            else:
                future.set_result(result)

        self._queue.put((priority, next(self._order), job))
        return future

    def _opened(self) -> Executor:
        if self._executor is None:
            self._executor = Executor(self._database.connect(), *self._parts, role=self._database.role)
        return self._executor

    def _give_up(self) -> None:
        """Close a connection whose disk refused; the next work opens another, which reads the head of the log anew."""
        if self._executor is not None:
            self._executor.connection.invalidate()
            self._executor.connection.close()
            self._executor = None

    def _run(self) -> None:
        while True:
            _, _, job = self._queue.get()
            if job is None:
                return
            job()
