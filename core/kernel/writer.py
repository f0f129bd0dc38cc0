"""The one writer: a thread that owns the writing connection and runs one work after another.

A future resolves after the commit returned; only then may anything beep, show or print. Background work (imports,
allocation) hands over short works that share a transaction until somebody waits or the slice is over; whatever an
operator waits for goes first. Where the disk refuses (full, torn away), the work fails as a `DatabaseFault` and the
next one gets a new connection: after a failed sync the old one may believe in pages that never reached the disk.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.database import Database, DatabaseFault
from core.kernel.executor import Executor, Gate, GaveWay, Identity, Outcome, Work

T = TypeVar("T")

SLICE_NS = 20_000_000
"""Works of the background join a transaction no later than this after its begin, and none joins once somebody waits: whoever
does waits for the work at hand and the commit, a few milliseconds, however long the slice."""
SLICE_ALONE_NS, ALONE_AFTER_NS = 80_000_000, 5_000_000_000
"""Where nobody was waited for in so long a slice may be longer: the first scan behind a pause then waits for a larger commit."""


GIVES_WAY_MOST = 3
"""How often a task of the background stops for somebody who waits before it goes through: scans that never end hold up no feed."""


@dataclass(slots=True, eq=False)
class _Job:
    """What was handed over: a work, or a task that runs outside a transaction."""

    work: Work | None = None
    task: Callable[[Executor], Any] | None = None
    future: "Future[Any]" = field(default_factory=Future)
    gave_way: int = 0
    """How often it was begun and stopped."""

    def begin(self) -> bool:
        """Return whether it is still wanted."""
        return bool(self.gave_way) or self.future.set_running_or_notify_cancel()

    def resolve(self, call: Callable[[], object]) -> None:
        """Do it, and tell whoever waits what came of it.

        Raises:
            GaveWay: it stopped for somebody who waits.
        """
        try:
            result = call()
        except GaveWay:
            raise
        except Exception as e:  # noqa: BLE001  the future carries it to whoever waits: no error is lost
            self.future.set_exception(e)
        else:
            self.future.set_result(result)


class _Jobs:
    """What waits: for somebody, or in the background."""

    def __init__(self) -> None:
        """Begin empty."""
        self._changed = threading.Condition()
        self._waited_for: deque[_Job] = deque()
        self._background: deque[_Job] = deque()
        self._closed = False

    def put(self, job: _Job, *, background: bool) -> None:
        """Add a job behind those of its kind."""
        with self._changed:
            (self._background if background else self._waited_for).append(job)
            self._changed.notify()

    def put_back(self, job: _Job) -> None:
        """Let a job of the background that stopped be the next of its kind."""
        with self._changed:
            self._background.appendleft(job)

    @property
    def waited_for(self) -> bool:
        """Return whether somebody waits."""
        return bool(self._waited_for)

    def close(self) -> None:
        """Let `take` end once everything is done."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take(self) -> tuple[_Job, bool] | None:
        """Wait for the next job and return it with whether it is of the background; None after the last."""
        with self._changed:
            while not (self._waited_for or self._background or self._closed):
                self._changed.wait()
            if self._waited_for:
                return self._waited_for.popleft(), False
            return (self._background.popleft(), True) if self._background else None

    def take_along(self) -> _Job | None:
        """Return the next work of the background, None where somebody waits or a task comes first."""
        with self._changed:
            fits = not self._waited_for and self._background and self._background[0].work is not None
            return self._background.popleft() if fits else None

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waited_for) + len(self._background)


class Writer:
    """Runs works on its own thread; a context manager, `submit` from any thread."""

    def __init__(self, database: Database, identity: Identity, clock: Clock, gate: Gate) -> None:
        """Prepare a writer on a database that nobody else writes."""
        self._database = database
        self._executor: Executor | None = None
        self._clock = clock
        self._parts = (identity, clock, gate)
        self._jobs = _Jobs()
        self._at_hand: _Job | None = None
        self._waited_for_ns: int | None = None
        self._thread = threading.Thread(target=self._run, name="dockside-writer")

    def __enter__(self) -> Self:
        """Open the connection and start the thread."""
        self._opened()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Finish what was handed over, then stop."""
        self._jobs.close()
        self._thread.join()
        if self._executor is not None:
            self._executor.connection.close()

    def submit(self, work: Work) -> Future[Outcome]:
        """Hand over work that somebody waits for: a transaction of its own, before all of the background."""
        return self._hand_over(_Job(work), background=False)

    def submit_background(self, work: Work) -> Future[Outcome]:
        """Hand over a short work (a few ms) that lets every waiting scan go first."""
        return self._hand_over(_Job(work), background=True)

    def maintain(self, task: Callable[[sa.Connection], None]) -> Future[None]:
        """Run upkeep (checkpoint, backup) on the writing connection, outside a transaction, when nobody waits."""
        return self.ask(lambda executor: task(executor.connection))

    def ask(self, task: Callable[[Executor], T]) -> Future[T]:
        """Let the executor do something short when nobody waits: take rows of the feed, note what the hub has.

        One that gives way to somebody who comes is begun again behind them.
        """
        return self._hand_over(_Job(task=task), background=True)

    @property
    def waiting(self) -> int:
        """Return how many works are handed over and not begun."""
        return len(self._jobs)

    def _hand_over(self, job: _Job, *, background: bool) -> "Future[Any]":
        self._jobs.put(job, background=background)
        return job.future

    def _run(self) -> None:
        while (taken := self._jobs.take()) is not None:
            job, background = taken
            if not background:
                self._waited_for_ns = self._clock.boot_ns()
            if background and job.work is not None:
                self._share(job)
            elif job.begin():
                self._at_hand = job
                try:
                    job.resolve(lambda job=job: self._alone(job))  # type: ignore[misc]
                except GaveWay:
                    job.gave_way += 1
                    self._jobs.put_back(job)

    def _gives_way(self) -> bool:
        """Return whether the task at hand should stop, because somebody waits."""
        return self._jobs.waited_for and self._at_hand is not None and self._at_hand.gave_way < GIVES_WAY_MOST

    def _share(self, first: _Job) -> None:
        """Run works of the background in one transaction: a commit costs as much as a hundred rows."""
        if not first.future.set_running_or_notify_cancel():
            return
        # The first is among them before anything can fail: also where no connection can be had.
        taken = [first]
        try:
            outcomes = self._guarded(lambda executor: executor.perform_together(self._works(taken)))
        except DatabaseFault as e:
            for job in taken:
                job.future.set_exception(e)
        except Exception:  # noqa: BLE001  nothing was written: each is done alone, and only the one at fault fails
            for job in taken:
                job.resolve(lambda job=job: self._alone(job))  # type: ignore[misc]
        else:
            for job, outcome in zip(taken, outcomes, strict=True):
                job.future.set_result(outcome)

    def _works(self, taken: list[_Job]) -> Iterator[Work]:
        """Yield the works of what was taken, and take along what comes until the slice is over."""
        now = self._clock.boot_ns()
        is_alone = self._waited_for_ns is None or now - self._waited_for_ns >= ALONE_AFTER_NS
        end = now + (SLICE_ALONE_NS if is_alone else SLICE_NS)
        yield from (job.work for job in taken if job.work is not None)
        while self._clock.boot_ns() < end and (job := self._jobs.take_along()) is not None:
            if job.work is not None and job.future.set_running_or_notify_cancel():
                taken.append(job)
                yield job.work

    def _alone(self, job: _Job) -> object:
        work, task = job.work, job.task
        if work is not None:
            return self._guarded(lambda executor: executor.perform(work))
        return None if task is None else self._guarded(task)

    def _guarded(self, call: Callable[[Executor], T]) -> T:
        """Run with the executor.

        Raises:
            DatabaseFault: the disk refused.
        """
        try:
            return call(self._opened())
        except sa.exc.DatabaseError as e:
            self._give_up()
            raise DatabaseFault(f"not written: {e.orig}") from e

    def _opened(self) -> Executor:
        if self._executor is None:
            self._executor = Executor(
                self._database.connect(), *self._parts, role=self._database.role, gives_way=self._gives_way
            )
        return self._executor

    def _give_up(self) -> None:
        """Close a connection whose disk refused; the next work opens another, which reads the head of the log anew."""
        if self._executor is not None:
            self._executor.connection.invalidate()
            self._executor.connection.close()
            self._executor = None
