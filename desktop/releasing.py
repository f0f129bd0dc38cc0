"""Releasing beside the station: one run at a time on a thread of its own; its commands go to the writer behind waiting scans."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from core.kernel.ids import PersonId, SessionId
from core.kernel.refusal import Fault
from core.station.releasing import Release
from core.waves.planning import Planned
from core.waves.release import Filters

Plan = Callable[[Filters, PersonId, SessionId, Callable[[], bool]], Planned]
"""Releases what may go in somebody's name, as long as it may go on."""


class ReleaseRoom:
    """The one release that is under way, or was the last; what it came to is told once."""

    def __init__(self, plan: Plan) -> None:
        """Release nothing yet."""
        self._plan = plan
        self._pool: ThreadPoolExecutor | None = None
        self._work: Future[Planned] | None = None
        self._stopped = Event()

    def begin(self, filters: Filters, *, actor: PersonId, session: SessionId) -> None:
        """Release them in somebody's name, unless some are being released."""
        if self._work is not None and not self._work.done():
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="release")
        self._work = self._pool.submit(self._plan, filters, actor, session, lambda: not self._stopped.is_set())

    def stand(self) -> Release | None:
        """Return how the last one is; None before the first, and once it was told what came of it.

        Raises:
            BaseException: what nobody foresaw while it ran; it is told once.
        """
        work = self._work
        if work is None or not work.done():
            return None if work is None else Release()
        self._work = None
        failed = work.exception()
        if isinstance(failed, Fault | OSError):
            return Release(fault=str(failed) or type(failed).__name__)
        return Release(work.result())

    def close(self) -> None:
        """Stop behind the wave that is under way; the rest is released another time."""
        self._stopped.set()
        if self._pool is not None:
            self._pool.shutdown()
