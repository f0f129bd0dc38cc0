"""Promising beside the station: what a cancel leaves free goes to others, and an order that goes on gets its goods.

One run at a time on a thread with a reader of its own; its commands go to the writer behind waiting scans. What is asked for
while one runs is done by one more run behind it.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from core.allocation.run import Allocator
from core.kernel.clock import Clock
from core.kernel.database import Database
from core.kernel.executor import Outcome, Work
from core.kernel.ids import IdSource, SiteId


class Promising:
    """Promises free stock of a station that is alone."""

    def __init__(
        self, site: SiteId, database: Database, submit: "Callable[[Work], Future[Outcome]]", clock: Clock, ids: IdSource
    ) -> None:
        """Promise nothing yet.

        Args:
            site: whose stock it is.
            database: where it is looked up.
            submit: takes work that nobody waits for.
            clock: the time.
            ids: gives ids.
        """
        self._site, self._database, self._submit, self._clock, self._ids = site, database, submit, clock, ids
        self._lock = threading.Lock()
        self._wanted = False
        self._over = False
        self._thread: threading.Thread | None = None

    def again(self) -> None:
        """Promise soon what is free then, and return at once."""
        with self._lock:
            self._wanted = True
            if self._thread is None and not self._over:
                # Not a pool's: what goes wrong here is reported as everything is that nobody waits for.
                self._thread = threading.Thread(target=self._run, name="promising")
                self._thread.start()

    def close(self) -> None:
        """Promise no more; the rest is promised with the next run."""
        with self._lock:
            self._over = True
            running = self._thread
        if running is not None:
            running.join()

    def _run(self) -> None:
        try:
            while self._takes():
                with self._database.reading() as reader:
                    Allocator(
                        self._site, reader, self._submit, self._clock, self._ids, goes_on=lambda: not self._over
                    ).run()
        finally:
            with self._lock:
                if self._thread is threading.current_thread():
                    self._thread = None

    def _takes(self) -> bool:
        """Return whether there is another run to be done; else the next wish begins another thread."""
        with self._lock:
            wanted, self._wanted = self._wanted and not self._over, False
            if not wanted:
                self._thread = None
            return wanted
