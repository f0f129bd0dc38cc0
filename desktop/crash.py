"""What nobody caught: a report in the home's `crashes` folder, and somebody who is told.

The two excepthooks end here. A report holds the program's own words only (time, version, thread, traceback): no row, no
scan, nobody's name. The one thing a newcomer would get wrong: the window goes on; the station behind it has to go back
to what was committed last, which is what `told` is for.
"""

import itertools
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType

from core.kernel.clock import Clock

KEPT = 20
"""Reports that are kept; the oldest go first."""


class CrashReports:
    """Writes a report for every exception that nobody caught."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Write into `folder`, which is made with the first report."""
        self._folder = folder
        self._clock = clock
        self._numbers = itertools.count(1)

    def write(self, error: BaseException) -> Path | None:
        """Write a report and return its file; None where even that cannot be written."""
        at = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        head = (
            f"Dockside {version('dockside')}\n{at:%Y-%m-%d %H:%M:%S} UTC\nthread {threading.current_thread().name}\n\n"
        )
        path = self._folder / f"{at:%Y%m%d-%H%M%S}-{next(self._numbers):03d}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(head + "".join(traceback.format_exception(error)), encoding="utf-8")
            for old in sorted(self._folder.glob("*.txt"))[:-KEPT]:
                old.unlink(missing_ok=True)
        except OSError:
            return None
        return path

    @contextmanager
    def installed(self, told: Callable[[str], None]) -> Iterator[None]:
        """Take over both excepthooks for a while; `told` gets the report's name, on the thread that failed."""

        def take(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if not isinstance(error, Exception):
                before[0](kind, error, trace)
                return
            path = self.write(error)
            sys.stderr.write("".join(traceback.format_exception(error)))
            told("" if path is None else path.name)

        def take_from_thread(given: threading.ExceptHookArgs) -> None:
            if given.exc_value is not None:
                take(given.exc_type, given.exc_value, given.exc_traceback)

        before = sys.excepthook, threading.excepthook
        sys.excepthook, threading.excepthook = take, take_from_thread
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook = before
