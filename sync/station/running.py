"""Engines at work in a station: a thread of their own performs what they ask for, on the station's file and over the wire.

Each engine is driven by the clock and by what is in the file, never by the next thing somebody does; after any failure it
begins anew from the file, later and later up to some seconds, at moments of chance so that a hundred stations do not come
back in the same second.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self

from core.cases.commands import AddPhoto
from core.cases.model import Photo
from core.cases.photos import doubt_safe
from core.kernel.database import DatabaseFault
from core.kernel.executor import Executor, Work
from core.kernel.feed import FeedBroken
from core.kernel.loading import loading_of, others
from core.kernel.refusal import Fault
from core.kernel.replica import Taken
from core.kernel.tables import TABLES
from core.kernel.uow import Changes
from core.kernel.upkeep import bring_into_file
from core.kernel.witness import Said
from core.rights.outages import note_contact
from core.rights.standing import begin
from sync.protocol import BUSY, WAIT_S
from sync.station.carry import beside, carry
from sync.station.compare import compare
from sync.station.engines import (
    Acknowledge,
    Beside,
    Effect,
    Engine,
    Forget,
    GiveBack,
    HubFault,
    HubRefusal,
    KeepLoaded,
    KeepPhoto,
    Look,
    NotMine,
    Send,
    SendCarry,
    SendCompare,
    SendFetch,
    SendLease,
    SendLoad,
    SendPull,
    SendPush,
    SendRejoin,
    SendRenew,
    TakeIncarnation,
    TakeRows,
    TellWitness,
    Write,
)
from sync.station.fetch import fetch
from sync.station.files import look, operations_of, pieces, read_cursor, write
from sync.station.lease import lease
from sync.station.pull import follow
from sync.station.push import push
from sync.station.renew import tell_witness
from sync.station.surroundings import Heard, Surroundings

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
"""What a failure rests for at most: first, and after many. A hub whose disk has room again, or that had no turn left, is whole in
that moment, and ten seconds later all are to agree (reference: sync, 8.3, 10): half a minute of rest was longer than that."""
UNATTENDED_WAIT_S = 30.0
"""The same where the hub has no turn left and nobody works here: those come first whom somebody waits for, and of five hundred who
come back after a night most would ask in vain every few seconds."""
_LOOKS_S = 1.0
"""Seconds after which a rest looks whether somebody has begun to work here."""
SLICE = 250
"""Rows of the feed, or of a part of the site, that are kept at once where somebody works meanwhile: some 20 ms."""
CHECKPOINT_ROWS = 2_000
"""Rows of the feed after which the write-ahead log is brought into the file: a third of what makes a commit do it."""
COMPARE_S = 60.0
"""Seconds after which it is looked whether something was not held against the hub yet."""
LOOK_S = 10.0
"""Seconds after which the log is looked at again although nobody said that it grew."""


UNREACHABLE, BROKEN_FEED, DISK, OTHER_FILE, MISTAKE = "unreachable", "broken_feed", "disk", "other_file", "mistake"
"""Why an engine does not work, beyond what a hub answers: it does not answer, what it sent does not follow, the disk refused,
the hub knows another file of this station, the program made a mistake."""

_CANCEL_AGAIN_S = 0.1
_NOTED_MS = 30_000


@dataclass(slots=True)
class _Round:
    """An engine that is begun again and again."""

    name: str
    begin: Callable[[], Engine]
    pause_s: float
    poked: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """The hub answered another engine."""


class Engines:
    """Runs a station's engines on a thread of its own; a context manager."""

    def __init__(self, around: Surroundings) -> None:
        """Prepare; they begin on entering."""
        self._around = around
        self._loop = asyncio.new_event_loop()
        self._push = _Round("push", lambda: push(around.me), LOOK_S)
        self._fetch = _Round("fetch", lambda: fetch(around.me), LOOK_S)
        self._lease = _Round("lease", lambda: lease(around.me), LOOK_S)
        pulling = _Round("pull", lambda: follow(around.me, WAIT_S), 0.0)
        witness = _Round("witness", lambda: tell_witness(around.me), LOOK_S)
        comparing = _Round("compare", lambda: compare(around.me), COMPARE_S)
        self._carry = _Round("carry", lambda: carry(around.me), LOOK_S)
        carrying = () if around.shelf is None else (self._carry,)
        self._rounds = (self._push, pulling, self._fetch, self._lease, witness, comparing, *carrying)
        self._thread = threading.Thread(target=self._run, name="dockside-sync")
        self._over: asyncio.Event = asyncio.Event()
        self._told: Said | None = None
        self._shows = False
        """Whether the push that is under way names photos."""
        self._noted = 0
        self._asked_in_vain = 0.0
        """When an engine asked last and no hub answered: the loop's time."""
        self._in_log = 0
        """Rows of the feed that were taken since the write-ahead log was shortened."""

    def __enter__(self) -> Self:
        """Begin."""
        self.note_start()
        self._thread.start()
        return self

    def note_start(self) -> None:
        """Note this start of the program in the file and beside it, so that nothing is claimed by an old file."""
        around = self._around
        said = around.witness.read()

        def note(executor: Executor) -> Said:
            with executor.connection.begin():
                doubt_safe(executor.connection, around.me.site)
            return begin(executor.connection, around.me.start, said, executor.now())

        self._tell_witness(around.writer.ask(note).result())

    def __exit__(self, *exc: object) -> None:
        """Stop at once; whatever was on its way begins anew next time."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def poke(self) -> None:
        """Say that the log grew; from any thread, and while it stops."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._push.poked.set)

    def look_for_photos(self) -> None:
        """Say that somebody looks at a photo that is not here; from any thread, and while it stops."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._carry.poked.set)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._all())
        # What is being written beside the file ends before whoever has it lets go of it.
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
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
        last = asyncio.ensure_future(drive(tell_witness(self._around.me), self._perform))
        last.add_done_callback(partial(self._ended, "witness"))
        await asyncio.wait({last})
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
                longest = min(self._longest(_reason_of(e)), FIRST_WAIT_S * 2.0 ** min(failures, 10))
                await self._pause(each, _reason_of(e), around.chance.uniform(0, longest))
            else:
                failures = 0
                around.heard(Heard(each.name, working=True))
                await _or_later(each.poked.wait(), each.pause_s)

    def _longest(self, reason: str) -> float:
        return UNATTENDED_WAIT_S if reason == BUSY and not self._around.attended() else LONGEST_WAIT_S

    async def _pause(self, each: _Round, reason: str, seconds: float) -> None:
        """Wait after a failure; where no hub answered, no longer than until it answers another engine.

        Nor does each of the engines ask a hub that is away: what one of them asked in vain counts for the others as well, whose
        time begins anew with that. Whoever asked last waits for its own time alone, so a hub is found as soon as by one engine.
        """
        if reason != UNREACHABLE:
            await self._rest(reason, seconds)
            return
        each.reached.clear()
        until = self._loop.time() + seconds
        while (left := until - self._loop.time()) > 0:
            if await _or_later(each.reached.wait(), left):
                await asyncio.sleep(self._around.chance.uniform(0, min(seconds, FIRST_WAIT_S)))
                return
            until = max(until, self._asked_in_vain + seconds)

    async def _rest(self, reason: str, seconds: float) -> None:
        """Wait so long, in looks at whether somebody works here by now who is not to wait as long as that."""
        left = seconds
        while left > 0 and left > seconds - self._longest(reason):
            await asyncio.sleep(min(left, _LOOKS_S))
            left -= _LOOKS_S

    async def _answered(self, at: int) -> None:
        """Write now and then that the hub answers, so that a time without it is known afterwards."""
        if at - self._noted < _NOTED_MS:
            return
        me, self._noted = self._around.me, at

        def note(executor: Executor) -> None:
            with executor.connection.begin():
                note_contact(executor.connection, me.site, me.start, at)

        await _done(self._around.writer.ask(note))

    async def _perform(self, effect: Effect) -> object:
        """Perform one effect and return its answer.

        Raises:
            Fault: the wire or the disk.
        """
        around = self._around
        if isinstance(effect, Look):
            with around.reader() as connection:
                return look(connection, around.identity, effect)
        if isinstance(effect, Send):
            return await self._asked(effect)
        if isinstance(effect, Beside):
            # What others wait for is not held up by a disk.
            return self._told_of_photo(effect, await asyncio.to_thread(self._beside, effect))
        match effect:
            case GiveBack():
                given = await _done(around.writer.submit_background(Work(command=around.give_back(effect.lease))))
                self._push.poked.set()
                return given
            case TellWitness():
                self._tell_witness(effect.said)
                return None
            case KeepLoaded():
                return await self._load(effect)
            case TakeRows():
                return await self._take(effect)
            case _:
                answer = await self._write(effect)
        if isinstance(effect, TakeIncarnation):
            around.renewed()
        if isinstance(effect, Acknowledge) and self._shows:
            # What it names may go up behind it.
            self._carry.poked.set()
        return answer

    def _beside(self, effect: Beside) -> object:
        """Look after photos' bytes, on a thread beside."""
        around = self._around
        assert around.shelf is not None
        try:
            with around.reader() as connection:
                return beside(connection, around.identity, around.shelf, effect)
        except OSError as e:
            raise DatabaseFault(f"a photo cannot be kept: {e.strerror}") from e

    def _told_of_photo(self, effect: Beside, answer: object) -> object:
        """Tell whoever shows a photo that it came."""
        around = self._around
        if isinstance(effect, KeepPhoto) and answer:
            with around.reader() as connection:
                cursor = read_cursor(connection, around.identity)
            around.taken(Taken(Changes(frozenset({Photo.TABLE.name}), frozenset()), (), cursor))
        return answer

    async def _write(self, effect: Write) -> Any:
        tell = self._around.tell
        return await _done(self._around.writer.ask(lambda executor: write(executor, effect, tell)))

    async def _take(self, effect: TakeRows) -> Taken:
        """Take a page of the feed, and tell of it: scans go in between, and what was taken stays taken."""
        parts = operations_of(effect.rows, SLICE)
        taken: Taken = await self._write(replace(effect, rows=next(parts)))
        try:
            for part in parts:
                taken = taken.and_then(await self._write(replace(effect, rows=part)))
        finally:
            # Once a page: whoever shows what others do would look again for each slice, and scan meanwhile.
            self._told_of(taken)
        self._bring_into_file(len(effect.rows))
        return taken

    def _bring_into_file(self, rows: int) -> None:
        """Shorten the write-ahead log now and then, here: else the commit does that with which it is full, which may be a scan's."""
        self._in_log += rows
        if self._in_log >= CHECKPOINT_ROWS:
            self._in_log = 0
            with self._around.reader() as connection:
                bring_into_file(connection)

    async def _load(self, effect: KeepLoaded) -> Taken:
        """Keep a part of the site, and tell of it."""
        around, loaded = self._around, effect.loaded
        with around.reader() as connection:
            state = loading_of(connection, around.identity.site)
        if state is not None and not state.fresh:
            # Somebody works here meanwhile: scans go in between.
            for piece in pieces(loaded, SLICE):
                await self._write(KeepLoaded(piece, whole=False))
            if not loaded.goes_on:
                await self._forget_others()
            loaded = replace(loaded, parts=())
        await self._write(KeepLoaded(loaded))
        with around.reader() as connection:
            taken = Taken(Changes(frozenset(TABLES), frozenset()), (), read_cursor(connection, around.identity))
        return self._told_of(taken)

    async def _forget_others(self) -> None:
        """Let go what did not come, in slices: scans go in between."""
        around = self._around
        with around.reader() as connection:
            gone = others(connection, around.identity.site)
        for start in range(0, len(gone), SLICE):
            await self._write(Forget(tuple(gone[start : start + SLICE])))

    def _told_of(self, taken: Taken) -> Taken:
        """Tell whoever shows what came from elsewhere, and let those engines look that wait for it."""
        self._around.taken(taken)
        self._fetch.poked.set()
        self._lease.poked.set()
        return taken

    def _tell_witness(self, said: Said) -> None:
        """Write what is news; a disk that refuses leaves the witness behind, and the next start waits for the hub."""
        if said != self._told:
            try:
                self._around.witness.write(said)
            except OSError as e:
                raise DatabaseFault(f"the witness beside the database cannot be written: {e.strerror}") from e
            self._told = said

    async def _asked(self, effect: Send) -> object:
        """Send a message, return its answer, and let engines know that there is one which wait because there was none."""
        if isinstance(effect, SendPush):
            self._shows = any(each.kind == AddPhoto.KIND for each in effect.push.operations)
        asked = self._loop.time()
        try:
            answer = await self._send(effect)
        except HubFault:
            self._asked_in_vain = max(self._asked_in_vain, asked)
            raise
        for each in self._rounds:
            each.reached.set()
        return answer

    async def _send(self, effect: Send) -> object:
        """Send a message and return its answer.

        Raises:
            Fault: the wire.
        """
        link = self._around.link
        match effect:
            case SendPush():
                return await link.push(effect.push)
            case SendPull():
                pulled = await link.pull(effect.after, effect.wait_s, effect.epoch)
                await self._answered(pulled.at)
                return pulled
            case SendFetch():
                return await link.fetch(effect.fetch)
            case SendLease():
                return await link.lease(effect.lease)
            case SendLoad():
                return await link.load(effect.load)
            case SendCompare():
                return await link.compare(effect.compare)
            case SendRenew():
                return await link.renew(effect.renew)
            case SendRejoin():
                return await link.rejoin(effect.rejoin)
            case SendCarry():
                return await link.carry(effect.carry)


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


async def _or_later(waiting: Coroutine[Any, Any, Any], seconds: float) -> bool:
    """Wait for something, but no longer than so many seconds; return whether it came."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await waiting
            return True
    return False


__all__ = ["Engines", "drive"]
