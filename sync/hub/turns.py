"""Whose push is next: one of a site at a time, stations with people at them first, and no more waiting than will be served.

Pushes of a site are one after another in the database anyway. Waiting for it there would hold a thread and a connection
each; here a push waits as the bytes it came in. When five hundred stations come back after a night, those that nobody
works at wait longer, and those for whom there is no room are told to come again. Who does not wait for the answer any more
leaves the line: a push that is served for nobody holds up one that somebody waits for, and comes again all the same.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ATTENDED_MAX, UNATTENDED_MAX = 256, 64
"""Pushes of a site that may wait."""
IN_A_ROW = 8
"""Turns of attended stations after which one of the others has its turn, so that none waits for ever."""


class NoTurn(Exception):
    """Nothing was done, and it does no harm to come again."""


class NoRoom(NoTurn):
    """As many wait already as will be served before a station would ask again."""


class GivenUp(NoTurn):
    """Who waited for its turn does not wait any more."""


async def _never() -> None:
    """Wait for ever."""
    await asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class _Line:
    """Those who wait for their turn at a site."""

    busy: bool = False
    in_a_row: int = 0
    attended: deque["asyncio.Future[None]"] = field(default_factory=deque)
    others: deque["asyncio.Future[None]"] = field(default_factory=deque)

    def is_full(self, *, attended: bool) -> bool:
        """Return whether as many wait as may."""
        return len(self.attended) >= ATTENDED_MAX if attended else len(self.others) >= UNATTENDED_MAX

    def next(self) -> "asyncio.Future[None] | None":
        """Take who has the next turn out of the line; None where nobody waits."""
        others_turn = self.others and (not self.attended or self.in_a_row >= IN_A_ROW)
        self.in_a_row = 0 if others_turn else self.in_a_row + 1
        line = self.others if others_turn else self.attended
        return line.popleft() if line else None


class Turns:
    """The lines of all sites; used from one event loop."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._lines: dict[object, _Line] = {}

    def look_for_room(self, site: object, *, attended: bool) -> None:
        """See whether one more may wait for a turn at a site, before what it came with is taken in.

        Args:
            site: whose turns.
            attended: whether somebody works at the station.

        Raises:
            NoRoom: too many wait.
        """
        line = self._lines.get(site)
        if line is not None and line.busy and line.is_full(attended=attended):
            raise NoRoom

    @asynccontextmanager
    async def turn(
        self,
        site: object,
        *,
        attended: bool,
        gone: Callable[[], Awaitable[None]] = _never,
        patience_s: float | None = None,
    ) -> AsyncIterator[None]:
        """Wait for a turn at a site and hold it.

        Args:
            site: whose turns.
            attended: whether somebody works at the station.
            gone: ends when whoever asks has gone, as far as the connection tells.
            patience_s: seconds after which whoever asks listens no more, whatever the connection tells; None for ever.

        Raises:
            NoRoom: too many wait.
            GivenUp: nobody waits for the answer any more.
        """
        line = self._lines.setdefault(site, _Line())
        if line.busy:
            if line.is_full(attended=attended):
                raise NoRoom
            mine = line.attended if attended else line.others
            waiting = asyncio.get_running_loop().create_future()
            mine.append(waiting)
            leaves = asyncio.ensure_future(gone())
            stays = False
            try:
                await asyncio.wait((waiting, leaves), timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
                stays = waiting.done() and not leaves.done()
            finally:
                leaves.cancel()
                if not stays and waiting.done():
                    # It was given the turn in the moment it went away.
                    self._pass_on(site, line)
                elif not stays:
                    mine.remove(waiting)
            if not stays:
                raise GivenUp
        line.busy = True
        try:
            yield
        finally:
            self._pass_on(site, line)

    def _pass_on(self, site: object, line: _Line) -> None:
        following = line.next()
        if following is not None:
            following.set_result(None)
            return
        line.busy = False
        self._lines.pop(site, None)


__all__ = ["ATTENDED_MAX", "IN_A_ROW", "UNATTENDED_MAX", "GivenUp", "NoRoom", "NoTurn", "Turns"]
