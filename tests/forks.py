"""Processes of their own for tests that kill them, forked from one that has imported already: an import takes seconds.

The one they come from is a fresh Python without threads, begun once a worker of the tests. Each child is the leader of a
group of its own, has our environment and writes its standard output into a pipe, like one that was started from a shell.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

_BEFORE = (
    "core.everything",
    "desktop.cli",
    "desktop.shift",
    "printing.virtual",
    "sync.hub.serving",
    "tests.acceptance.only_prints",
    "tests.faults.posts",
    "tests.proof.doomed",
)
"""What is imported before anything is forked."""
_CONTEXT = multiprocessing.get_context("forkserver")


class Forked:
    """A program as a process: read, waited for, killed."""

    def __init__(self, main: Callable[..., int], *arguments: object) -> None:
        """Start what a module runs when it is run, with what it is given."""
        forkserver.set_forkserver_preload(list(_BEFORE))  # type: ignore[attr-defined]
        reads, writes = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_become, args=(main, arguments, dict(os.environ), writes))
        self._process.start()
        writes.close()
        self.stdout = TextIOWrapper(os.fdopen(os.dup(reads.fileno()), "rb"), encoding="utf-8")
        reads.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def lines(self) -> Iterator[str]:
        """Yield whole lines of what it prints, to its end."""
        yield from (line for line in self.stdout if line.endswith("\n"))

    def poll(self) -> int | None:
        """Return how it ended, or nothing while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end, for so long at most; return how it ended, or nothing where it did not."""
        self._process.join(seconds)
        return self._process.exitcode

    def kill(self) -> None:
        """End it, and whatever it started, by the signal that nobody hears."""
        os.killpg(self.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        """Run it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let nothing of it be left."""
        if self.poll() is None:
            self.kill()
            self.wait()
        self.stdout.close()
        self._process.close()


def _become(
    main: Callable[..., int], arguments: tuple[object, ...], environment: dict[str, str], writes: Connection
) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(writes.fileno(), 1)
    writes.close()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.exit(main(*arguments))


__all__ = ["Forked"]
