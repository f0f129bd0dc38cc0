"""Several processes that answer at one address: one interpreter serves one site's push at a time, and a site is no other's business.

Whoever serves listens, starts them, and starts one anew that ended by itself; whatever they have to know of each other is in
the database, where two hubs behind one site do no harm anyway. What a newcomer would get wrong: a process whose parent was
killed is nobody's. Each holds a pipe to whoever serves, and ends when that is closed, however it was closed.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from sync.hub.serving import HubNotStarted, address_of, listening
from sync.hub.taking import Share

_SPAWN = get_context("spawn")
_START_S = 60.0
"""Seconds in which a process must have begun to answer; it opens databases first."""
_END_S = 10.0
_LOOK_S = 1.0
"""Seconds between two looks at what is to be told, and before one that ended is started anew."""

ENDED_NOTE = "A process that answers ended by itself and was started anew, {times} times since the hub was started."


class Line:
    """What a process that answers has to do with whoever serves: hears notes, and that it is over."""

    def __init__(self, pipe: "Connection[object, Sequence[str]]") -> None:
        """Hear through a pipe."""
        self._pipe = pipe
        self.notes: Sequence[str] = ()
        """What IT has to know, as the planner said it last."""
        threading.Thread(target=self._hear, name="dockside-line", daemon=True).start()

    def answers(self, _address: str) -> None:
        """Say that this process answers now."""
        self._pipe.send(True)

    def _hear(self) -> None:
        try:
            while True:
                self.notes = self._pipe.recv()
        except (EOFError, OSError):
            os.kill(os.getpid(), signal.SIGTERM)


Work = Callable[[socket.socket, Share, Line], None]
"""Answers its share at a socket that listens already, until a signal ends it; found by its name in the other process."""


def _begin(work: Work, listener: socket.socket, share: Share, pipe: "Connection[object, Sequence[str]]") -> None:
    """Do the work of a process that answers."""
    work(listener, share, Line(pipe))


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    share: Share
    pipe: "Connection[Sequence[str], object]"


@dataclass(slots=True)
class _Crew:
    """The processes that answer, from the side of whoever serves."""

    work: Work
    listener: socket.socket
    notes: Callable[[], Sequence[str]]
    held: MutableSequence[int]
    """Connections of each; see `Share`."""
    workers: list[_Worker] = field(default_factory=list)
    told: Sequence[str] = ()
    ended: int = 0
    """How many ended by themselves."""

    def start(self, number: int) -> _Worker:
        """Start one of them, by its place among all."""
        ours, theirs = _SPAWN.Pipe()
        share = Share(self.held, number)
        process = _SPAWN.Process(target=_begin, args=(self.work, self.listener, share, theirs), name="dockside-hub")
        process.start()
        theirs.close()
        worker = _Worker(process, share, ours)
        self.workers.append(worker)
        return worker

    def watch(self) -> None:
        """Tell them what there is to be told, and start those anew that ended, for ever."""
        while True:
            wait([each.process.sentinel for each in self.workers], _LOOK_S)
            for each in [each for each in self.workers if not each.process.is_alive()]:
                self.ended += 1
                self._let_go(each)
                # Not at once: one that cannot begin would be begun without end.
                threading.Event().wait(_LOOK_S)
                self._tell(self.start(each.share.mine), self.told)
            now = (*self.notes(), *((ENDED_NOTE.format(times=self.ended),) if self.ended else ()))
            if now != self.told:
                self.told = now
                for each in self.workers:
                    self._tell(each, now)

    def end(self) -> None:
        """End all of them."""
        for each in self.workers:
            each.process.terminate()
        for each in [*self.workers]:
            each.process.join(_END_S)
            if each.process.is_alive():
                each.process.kill()
                each.process.join()
            self._let_go(each)

    def _let_go(self, worker: _Worker) -> None:
        worker.share.leave()
        worker.pipe.close()
        worker.process.close()
        self.workers.remove(worker)

    def _tell(self, worker: _Worker, notes: Sequence[str]) -> None:
        try:
            worker.pipe.send(notes)
        except OSError:
            # It has ended: it will be told when it is started anew.
            return


def serve_by(
    work: Work, count: int, host: str, port: int, ready: Callable[[str], None], notes: Callable[[], Sequence[str]]
) -> None:
    """Let processes answer at one address until a signal ends it.

    Args:
        work: what each of them does.
        count: how many.
        host: the address to listen on.
        port: the port; 0 for any.
        ready: hears the address once all of them answer.
        notes: says what they are to be told.

    Raises:
        HubNotStarted: the port is taken, or one of them did not begin.
    """
    with listening(host, port) as listener, _crew(work, listener, notes, count) as crew:
        for number in range(count):
            crew.start(number)
        for each in crew.workers:
            try:
                began = each.pipe.poll(_START_S) and bool(each.pipe.recv())
            except EOFError:
                began = False
            if not began:
                raise HubNotStarted(f"a process that was to answer at {host}:{port} did not begin")
        ready(address_of(listener))
        crew.watch()


@contextmanager
def _crew(work: Work, listener: socket.socket, notes: Callable[[], Sequence[str]], count: int) -> Iterator[_Crew]:
    crew = _Crew(work, listener, notes, _SPAWN.RawArray("i", count))
    try:
        yield crew
    finally:
        crew.end()


__all__ = ["ENDED_NOTE", "Line", "Work", "serve_by"]
