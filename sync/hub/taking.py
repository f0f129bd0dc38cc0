"""Taking the connections of a socket at which several processes listen: whoever holds the fewest takes the next.

Left to the system, whoever went to sleep last is woken first, and of two processes one had four fifths of the work. The newcomer's mistake is to
let a process wait for another: one that hangs holds few connections and takes none. So it is waited for a moment, and
then whoever is there takes what still waits.
"""

import asyncio
import socket
import sys
from collections.abc import Callable, Coroutine, MutableSequence
from dataclasses import dataclass, field
from typing import Any

_LEAVES_S = 0.003
"""Seconds for which a connection is left to those who hold fewer."""
_FULL_S = 1.0
"""Seconds after which it is tried again where this process or the machine has no room for a further connection."""
_ROOM = 450 if sys.platform == "win32" else sys.maxsize
"""Connections of one process: Windows cannot wait for more than 512 sockets, and ends whoever tries."""
_GONE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Share:
    """How many connections each of some processes holds, which all of them see."""

    held: MutableSequence[int]
    """By process; in memory that they share where there are several."""
    mine: int = 0

    def note(self, count: int) -> None:
        """Say how many this process holds."""
        self.held[self.mine] = count

    def leave(self) -> None:
        """Say that this process is none of them any more."""
        self.note(_GONE)

    @property
    def is_least(self) -> bool:
        """Return whether nobody holds fewer than this process."""
        return self.held[self.mine] <= min(self.held)


@dataclass(slots=True)
class Taker:
    """Takes connections from a socket that listens; everything happens on the loop it was begun on."""

    listener: socket.socket
    connected: Callable[[socket.socket], Coroutine[Any, Any, object]]
    """Begins to answer at a connection."""
    held: Callable[[], int]
    """How many this process answers at."""
    share: Share
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _later: asyncio.TimerHandle | None = None
    _begun: set[asyncio.Task[object]] = field(default_factory=set)
    """Those that it does not answer at yet."""

    def note(self) -> None:
        """Say how many connections this process has, now that one more or fewer is there."""
        self.share.note(self.held() + len(self._begun))

    def begin(self) -> None:
        """Take what comes, until `end`."""
        self._loop = asyncio.get_running_loop()
        self.listener.setblocking(False)
        self._loop.add_reader(self.listener, self._look)

    def end(self) -> None:
        """Take nothing any more."""
        self._loop.remove_reader(self.listener)
        if self._later is not None:
            self._later.cancel()

    def _look(self) -> None:
        if self.share.held[self.share.mine] >= _ROOM:
            self._rest(_FULL_S)
        elif self.share.is_least:
            self._take()
        else:
            self._rest(_LEAVES_S)

    def _rest(self, seconds: float) -> None:
        self._loop.remove_reader(self.listener)
        self._later = self._loop.call_later(seconds, self._take_up_again)

    def _take_up_again(self) -> None:
        self._loop.add_reader(self.listener, self._look)
        self._take()

    def _take(self) -> None:
        """Take one connection: where several wait, the others are to have theirs."""
        try:
            connection, _ = self.listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionError):
            # Another process was quicker, or whoever came is gone.
            return
        except OSError:
            # No room for one more, or a network that is away: it still waits, and would be tried without end.
            self._rest(_FULL_S)
            return
        connection.setblocking(False)
        begun = self._loop.create_task(self.connected(connection))
        self._begun.add(begun)
        begun.add_done_callback(self._has_begun)
        # What is taken counts at once, and not when it is answered first.
        self.note()

    def _has_begun(self, task: asyncio.Task[object]) -> None:
        self._begun.discard(task)
        self.note()


__all__ = ["Share", "Taker"]
