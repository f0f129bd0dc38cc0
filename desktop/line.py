"""A station's line to its hub: the engines on a thread of their own, and what is known of how they do.

What the engines say is heard on their thread and read on the window's, so everything here is replaced whole, never
changed. The one thing a newcomer would get wrong: a station does not wait for its line; nothing here is asked before work.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import SystemRandom

import sqlalchemy as sa

from core.cases.queries import count_urgent
from core.catalog.queries import zone_codes
from core.kernel.clock import Clock
from core.kernel.database import Database
from core.kernel.executor import Identity
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.kernel.loading import loading_of
from core.kernel.uow import Changes
from core.kernel.witness import Witness
from core.orders.model import OrderCancel
from core.people.queries import signed_in
from core.rights.commands import GiveBackWork
from core.rights.model import LOADING, Stage, WorkLease
from core.rights.queries import is_recovering
from core.rights.recovering import listing
from core.station.line import Standing, Trouble
from core.waves.leases import held_work
from core.waves.zones import zoning
from desktop.assembly import Assembly
from desktop.membership import Membership
from sync.protocol import (
    Carried,
    Carry,
    Compare,
    Compared,
    Fetch,
    Fetched,
    Lease,
    Leased,
    Load,
    Loaded,
    Pulled,
    Push,
    Pushed,
    Rejoin,
    Rejoined,
    Renew,
    Renewed,
)
from sync.station.engines import Me
from sync.station.files import read_cursor, read_queue
from sync.station.http import HttpLink
from sync.station.running import Engines
from sync.station.surroundings import Heard, Link, Surroundings

_HELD = Changes(frozenset({WorkLease.TABLE.name}), frozenset())
"""What is another once a file goes on under a new incarnation: it holds nothing of what it held."""
_SAYS_CONNECTED = ("push", "pull")
"""Engines that always have something to say to the hub."""


@dataclass(slots=True)
class Line:
    """What is known of a station's way to its hub."""

    membership: Membership
    identity: Identity
    clock: Clock
    _said: Standing = field(init=False)
    _troubles: dict[str, Trouble] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Know nothing yet: not connected since now."""
        self._said = Standing(hub=self.membership.hub, since=self.clock.now_ms())

    def heard(self, heard: Heard) -> None:
        """Hear how an engine's round ended."""
        troubles = {name: each for name, each in self._troubles.items() if name != heard.engine}
        if not heard.working:
            troubles[heard.engine] = Trouble(heard.engine, heard.reason, heard.words, heard.final)
        self._troubles = troubles
        connected = self._said.connected
        if heard.engine in _SAYS_CONNECTED:
            connected = heard.working
        since = self._said.since if connected == self._said.connected else self.clock.now_ms()
        self._said = replace(self._said, connected=connected, since=since, troubles=tuple(troubles.values()))

    def answered(self, at: int, head: int | None = None) -> None:
        """Hear what time it is at the hub, and how far the feed goes there."""
        offset = self.clock.now_ms() - at
        self._said = replace(self._said, offset_ms=offset, head=self._said.head if head is None else head)

    def stand(self, connection: sa.Connection) -> Standing:
        """Return how the line is now, with what waits and what is held."""
        identity = self.identity
        queue, cursor = read_queue(connection, identity), read_cursor(connection, identity).seq
        held = _lasts(held_work(connection, identity.site, identity.station).seconds)
        works = zoning(connection, identity.site).works.get(identity.station)
        codes = zone_codes(connection, identity.site) if works else {}
        said, loading = self._said, loading_of(connection, identity.site)
        cases, red = count_urgent(connection, identity.site)
        hears = is_recovering(connection, identity.site)
        return replace(
            said, cases=cases, red=red, hears=hears, loading=None if loading is None else loading.done, fresh=loading is not None and bool(loading.fresh),
            waiting=queue.waiting, oldest_at=queue.oldest_at, held_seconds=held, cursor=cursor,
            head=max(said.head, cursor), zones=tuple(sorted(codes[each] for each in works or () if each in codes)),
        )  # fmt: skip


def _lasts(seconds: Mapping[Stage, int]) -> int | None:
    """Return how long held work will last; None where that says nothing: a bench without single units packs what totes bring."""
    together = sum(seconds.values())
    return together if together or Stage.PICK in seconds else None


@dataclass(frozen=True, slots=True)
class Listening:
    """A link that tells a line what time it is at the hub and how far the feed goes there."""

    link: Link
    line: Line

    async def push(self, message: Push) -> Pushed:
        """Send operations."""
        answer = await self.link.push(replace(message, at=self.line.clock.now_ms()))
        self.line.answered(answer.at)
        return answer

    async def pull(self, after: int, wait_s: int, epoch: int) -> Pulled:
        """Ask for the feed behind a number."""
        answer = await self.link.pull(after, wait_s, epoch)
        self.line.answered(answer.at, answer.head)
        # Its round ends when the next question is answered, which may be long.
        self.line.heard(Heard("pull", working=True))
        return answer

    async def fetch(self, message: Fetch) -> Fetched:
        """Ask for private rows."""
        return await self.link.fetch(message)

    async def lease(self, message: Lease) -> Leased:
        """Ask for work."""
        return await self.link.lease(message)

    async def load(self, message: Load) -> Loaded:
        """Ask for a part of the site."""
        answer = await self.link.load(message)
        self.line.answered(answer.at, answer.head)
        return answer

    async def compare(self, message: Compare) -> Compared:
        """Ask what is something else at the hub."""
        return await self.link.compare(message)

    async def rejoin(self, message: Rejoin) -> Rejoined:
        """Ask what the hub has forgotten."""
        return await self.link.rejoin(message)

    async def renew(self, message: Renew) -> Renewed:
        """Ask for a new incarnation."""
        return await self.link.renew(message)

    async def carry(self, message: Carry) -> Carried:
        """Bring and ask for the bytes of photos."""
        return await self.link.carry(message)

    async def close(self) -> None:
        """Let go of what is open."""
        await self.link.close()


@contextmanager
def connected(assembly: Assembly, membership: Membership, changed: Callable[[Changes], None]) -> Iterator[Line]:
    """Keep a station in step with its hub for a while.

    Args:
        assembly: the station's parts.
        membership: which hub.
        changed: hears what others have changed, on the engines' thread.
    """
    identity = assembly.identity
    line = Line(membership, identity, assembly.clock)
    me = Me(identity.site, identity.station, assembly.ids.new())

    def taken(changes: Changes) -> None:
        assembly.changed_elsewhere(changes)
        if membership.kind in LOADING and changes.touches(OrderCancel):
            # A cancel waits until this dock says that it heard of it: it may have nothing else to say for long.
            for poke in assembly.poked:
                poke()
        changed(changes)

    attended = somebody_works(assembly.database, identity)
    around = Surroundings(
        me, identity, assembly.database.reading, assembly.writer, Listening(HttpLink(membership.hub, me, attended), line), SystemRandom(), line.heard,
        attended=attended,
        give_back=lambda lease: _give_back(assembly, lease), taken=lambda rows: taken(rows.changes),
        tell=lambda connection, epoch: listing(connection, identity.station, epoch, lambda: _stamp(assembly)),
        witness=Witness(assembly.home.witness), shelf=assembly.shelf, renewed=lambda: taken(_HELD),
    )  # fmt: skip
    with Engines(around) as engines:
        assembly.poked.append(engines.poke)
        assembly.shelf.asked = engines.look_for_photos
        try:
            yield line
        finally:
            assembly.shelf.asked = lambda: None
            assembly.poked.remove(engines.poke)


def somebody_works(database: Database, identity: Identity) -> Callable[[], bool]:
    """Return what says whether somebody is signed in at a station, from any thread; where its file does not say, somebody is."""

    def attended() -> bool:
        try:
            with database.reading() as connection:
                return signed_in(connection, identity.site, identity.station) is not None
        except sa.exc.DBAPIError:
            return True

    return attended


def _give_back(assembly: Assembly, lease: WorkLease) -> GiveBackWork:
    return GiveBackWork(**_stamp(assembly), stage=lease.stage, work=lease.work, fence=lease.fence)


def _stamp(assembly: Assembly) -> Stamp:
    """Return the base fields of what the station says by itself."""
    return Stamp(
        id=CommandId(assembly.ids.new()), site=assembly.identity.site, at=assembly.clock.now_ms(), actor=SYSTEM,
        session=NO_SESSION,
    )  # fmt: skip
