"""Engines at work in a station: a thread of their own performs what they ask for, on the station's file and over the wire.

Each engine is driven by the clock and by what is in the file, never by the next thing somebody does; after any failure it
begins anew from the file, later and later up to half a minute, at moments of chance so that a hundred stations do not come
back in the same second.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any, Protocol, Self

import sqlalchemy as sa

from core.kernel.executor import Executor, Identity, Work
from core.kernel.feed import FeedBroken
from core.kernel.loading import loading_of, want_loading
from core.kernel.refusal import Fault
from core.kernel.replica import Taken
from core.kernel.tables import TABLES
from core.kernel.uow import Changes
from core.kernel.writer import Writer
from core.rights.commands import GiveBackWork
from core.rights.model import WorkLease
from core.waves.leases import held_walks
from sync.protocol import WAIT_S, Fetch, Fetched, Lease, Leased, Load, Loaded, Pulled, Push, Pushed
from sync.station.engines import (
    Acknowledge,
    Effect,
    Engine,
    GiveBack,
    HubFault,
    HubRefusal,
    KeepFetched,
    KeepLoaded,
    Me,
    NotMine,
    ReadCursor,
    ReadHeld,
    ReadLoading,
    ReadLog,
    ReadNumbers,
    ReadWanted,
    SendFetch,
    SendLease,
    SendLoad,
    SendPull,
    SendPush,
    TakeRows,
    WantLoading,
)
from sync.station.fetch import fetch
from sync.station.files import keep_loaded, pieces, read_cursor, read_log, read_numbers, read_wanted
from sync.station.lease import lease
from sync.station.pull import follow
from sync.station.push import push

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
PIECE = 200
"""Rows of a part of the site that are kept at once where somebody works meanwhile."""
LOOK_S = 10.0
"""Seconds after which the log is looked at again although nobody said that it grew."""


UNREACHABLE, BROKEN_FEED, DISK, OTHER_FILE, MISTAKE = "unreachable", "broken_feed", "disk", "other_file", "mistake"
"""Why an engine does not work, beyond what a hub answers: it does not answer, what it sent does not follow, the disk refused,
the hub knows another file of this station, the program made a mistake."""

_CANCEL_AGAIN_S = 0.1


class Link(Protocol):
    """The way to the hub."""

    async def push(self, message: Push) -> Pushed:
        """Send operations."""

    async def pull(self, after: int, wait_s: int) -> Pulled:
        """Ask for the feed behind a number."""

    async def fetch(self, message: Fetch) -> Fetched:
        """Ask for private rows."""

    async def lease(self, message: Lease) -> Leased:
        """Ask for work."""

    async def load(self, message: Load) -> Loaded:
        """Ask for a part of the site."""

    async def close(self) -> None:
        """Let go of what is open."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How an engine's line to the hub is, whenever a round ended."""

    engine: str
    working: bool
    words: str = ""
    """Why it is not working."""
    reason: str = ""
    """The same for people: one of the protocol's reasons, or of those below."""
    final: bool = False
    """Whether no further round is tried: a person has to look."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the engines of a station work with."""

    me: Me
    identity: Identity
    reader: Callable[[], AbstractContextManager[sa.Connection]]
    writer: Writer
    link: Link
    chance: Random
    heard: Callable[[Heard], None]
    """Hears how the line is, on the engines' thread."""
    give_back: Callable[[WorkLease], GiveBackWork]
    """Makes the command that gives a lease back."""
    taken: Callable[[Taken], None] = lambda _taken: None
    """Hears what came by the feed once it is committed, on the engines' thread."""


@dataclass(slots=True)
class _Round:
    """An engine that is begun again and again."""

    name: str
    begin: Callable[[], Engine]
    pause_s: float
    poked: asyncio.Event = field(default_factory=asyncio.Event)


class Engines:
    """Runs a station's engines on a thread of its own; a context manager."""

    def __init__(self, around: Surroundings) -> None:
        """Prepare; they begin on entering."""
        self._around = around
        self._loop = asyncio.new_event_loop()
        self._push = _Round("push", lambda: push(around.me), LOOK_S)
        self._fetch = _Round("fetch", lambda: fetch(around.me), LOOK_S)
        self._lease = _Round("lease", lambda: lease(around.me), LOOK_S)
        self._rounds = (self._push, _Round("pull", lambda: follow(around.me, WAIT_S), 0.0), self._fetch, self._lease)
        self._thread = threading.Thread(target=self._run, name="dockside-sync")
        self._over: asyncio.Event = asyncio.Event()

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop at once; whatever was on its way begins anew next time."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def poke(self) -> None:
        """Say that the log grew; from any thread, and while it stops."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._push.poked.set)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._all())
        self._loop.close()

    async def _all(self) -> None:
        tasks = []
        for each in self._rounds:
            task = asyncio.ensure_future(self._again(each))
            task.add_done_callback(partial(self._ended, each.name))
            tasks.append(task)
        await self._over.wait()
        left = set(tasks)
        while left:
            # More than once: a wait that ends in the same moment may keep a cancellation to itself.
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN_S)
        await self._around.link.close()

    def _ended(self, name: str, task: "asyncio.Task[None]") -> None:
        """Tell of a mistake of the program: an engine's error is not lost with its task."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._around.heard(
                Heard(name, working=False, words=f"{type(error).__name__}: {error}", reason=MISTAKE, final=True)
            )

    async def _again(self, each: _Round) -> None:
        around, failures = self._around, 0
        while True:
            each.poked.clear()
            try:
                await drive(each.begin(), self._perform)
            except NotMine as e:
                around.heard(Heard(each.name, working=False, words=str(e), reason=OTHER_FILE, final=True))
                return
            except Fault as e:
                failures += 1
                around.heard(Heard(each.name, working=False, words=str(e), reason=_reason_of(e)))
                longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures, 10))
                await asyncio.sleep(around.chance.uniform(0, longest))
            else:
                failures = 0
                around.heard(Heard(each.name, working=True))
                await _or_later(each.poked.wait(), each.pause_s)

    async def _perform(self, effect: Effect) -> object:
        """Perform one effect and return its answer.

        Raises:
            Fault: the wire or the disk.
        """
        around = self._around
        match effect:
            case SendPush():
                return await around.link.push(effect.push)
            case SendPull():
                return await around.link.pull(effect.after, effect.wait_s)
            case SendFetch():
                return await around.link.fetch(effect.fetch)
            case SendLease():
                return await around.link.lease(effect.lease)
            case SendLoad():
                return await around.link.load(effect.load)
            case TakeRows() | KeepLoaded():
                return await self._take(effect)
            case GiveBack():
                given = await _done(around.writer.submit_background(Work(command=around.give_back(effect.lease))))
                self._push.poked.set()
                return given
            case Acknowledge() | KeepFetched() | WantLoading():
                return await self._note(effect)
            case _:
                return self._look(effect)

    def _look(self, effect: ReadLog | ReadCursor | ReadWanted | ReadHeld | ReadNumbers | ReadLoading) -> object:
        """Read what an engine wants to know from the file."""
        identity = self._around.identity
        with self._around.reader() as connection:
            match effect:
                case ReadLog():
                    return read_log(connection, identity, effect.most)
                case ReadCursor():
                    return read_cursor(connection, identity)
                case ReadWanted():
                    return read_wanted(connection, effect.most)
                case ReadHeld():
                    return held_walks(connection, identity.site, identity.station)
                case ReadNumbers():
                    return read_numbers(connection, identity)
                case ReadLoading():
                    return loading_of(connection, identity.site)

    async def _note(self, effect: Acknowledge | KeepFetched | WantLoading) -> object:
        """Keep what does not change what anybody is shown of the site's work."""
        around = self._around
        identity, writer = around.identity, around.writer
        match effect:
            case Acknowledge():
                return await _done(writer.ask(lambda executor: executor.acknowledge(effect.through)))
            case KeepFetched():
                return await _done(writer.ask(lambda executor: executor.keep_fetched(effect.rows)))
            case WantLoading():
                return await _done(writer.ask(lambda executor: executor.load(
                    lambda connection: want_loading(connection, identity.site, identity.incarnation)
                )))  # fmt: skip

    async def _take(self, effect: TakeRows | KeepLoaded) -> object:
        """Take what came from elsewhere, and tell of it."""
        around, identity = self._around, self._around.identity
        if isinstance(effect, TakeRows):
            taken: Taken = await _done(around.writer.ask(lambda executor: executor.take(effect.rows)))
        else:
            loaded = effect.loaded
            with around.reader() as connection:
                state = loading_of(connection, identity.site)
            if state is not None and not state.fresh:
                # Somebody works here meanwhile: scans go in between.
                for piece in pieces(loaded, PIECE):
                    await self._keep(piece, whole=False)
                loaded = replace(loaded, parts=())
            await self._keep(loaded)
            with around.reader() as connection:
                taken = Taken(Changes(frozenset(TABLES), frozenset()), (), read_cursor(connection, identity))
        around.taken(taken)
        self._fetch.poked.set()
        self._lease.poked.set()
        return taken

    async def _keep(self, loaded: Loaded, *, whole: bool = True) -> None:
        def keep(executor: Executor) -> None:
            executor.load(lambda connection: keep_loaded(connection, self._around.identity, loaded, whole=whole))

        await _done(self._around.writer.ask(keep))


def _reason_of(fault: Fault) -> str:
    match fault:
        case HubRefusal(refused=refused):
            return refused.reason
        case HubFault():
            return UNREACHABLE
        case FeedBroken():
            return BROKEN_FEED
        case _:
            return DISK


async def drive(engine: Engine, perform: Callable[[Effect], Coroutine[Any, Any, object]]) -> None:
    """Perform what an engine asks for until it ends; what fails ends it too."""
    answer: object = None
    try:
        while True:
            answer = await perform(engine.send(answer))
    except StopIteration:
        return
    finally:
        engine.close()


async def _done(future: "Future[Any]") -> Any:
    return await asyncio.wrap_future(future)


async def _or_later(waiting: Coroutine[Any, Any, Any], seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await waiting


__all__ = ["Engines", "Heard", "Link", "Surroundings", "drive"]
