"""Whoever holds the fewest connections takes the next, and nobody waits for a process that takes none."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sync.hub.serving import LOOPBACK, listening
from sync.hub.taking import Share, Taker

PATIENCE_S = 10.0


class Process:
    """One of several that take connections of one socket, on the loop of the test."""

    def __init__(self, listener: socket.socket, share: Share) -> None:
        self.has: list[socket.socket] = []
        self.share = share
        self.taker = Taker(listener, self._connected, lambda: len(self.has), share)

    async def _connected(self, connection: socket.socket) -> None:
        self.has.append(connection)

    def close(self, count: int) -> None:
        """Let go of some."""
        for _ in range(count):
            self.has.pop().close()
        self.taker.note()


@contextmanager
def processes(count: int) -> Iterator[tuple[list[Process], Callable[[], None]]]:
    """Let some take what comes; yield them, and what connects once more."""
    with listening(LOOPBACK, 0) as listener, ExitStack() as stack:
        held = [0] * count
        made = [Process(listener.dup(), Share(held, number)) for number in range(count)]

        def connect() -> None:
            stack.enter_context(socket.create_connection(listener.getsockname(), timeout=PATIENCE_S))

        yield made, connect
        for each in made:
            each.close(len(each.has))
            each.taker.listener.close()


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not what():
            await asyncio.sleep(0.001)


def held(some: list[Process]) -> list[int]:
    return [len(each.has) for each in some]


def test_connections_that_come_at_once_are_shared_evenly() -> None:
    async def play(some: list[Process], connect: Callable[[], None]) -> None:
        for each in some:
            each.taker.begin()
        for _ in range(30):
            connect()
        await until(lambda: sum(held(some)) == 30)
        for each in some:
            each.taker.end()

    with processes(3) as (some, connect):
        asyncio.run(play(some, connect))

        assert held(some) == [10, 10, 10]


def test_whose_connections_ended_takes_the_next_ones() -> None:
    async def play(some: list[Process], connect: Callable[[], None]) -> None:
        for each in some:
            each.taker.begin()
        for _ in range(8):
            connect()
        await until(lambda: sum(held(some)) == 8)
        some[1].close(4)
        for _ in range(4):
            connect()
        await until(lambda: sum(held(some)) == 8)

    with processes(2) as (some, connect):
        asyncio.run(play(some, connect))

        assert held(some) == [4, 4]


def test_nobody_waits_for_a_process_that_hangs() -> None:
    async def play(some: list[Process], connect: Callable[[], None]) -> None:
        some[0].taker.begin()
        for _ in range(5):
            connect()
        await until(lambda: held(some) == [5, 0])

    with processes(2) as (some, connect):
        asyncio.run(play(some, connect))


def test_who_ended_is_not_left_anything() -> None:
    numbers = [0, 0]
    share, other = Share(numbers, 0), Share(numbers, 1)
    share.note(7)
    assert not share.is_least

    other.leave()

    assert share.is_least


def test_a_connection_that_could_not_be_begun_is_not_counted_for_good() -> None:
    async def play(process: Process, connect: Callable[[], None]) -> None:
        failed: list[int] = []

        async def fails(connection: socket.socket) -> None:
            connection.close()
            failed.append(process.share.held[0])

        process.taker.connected = fails
        process.taker.begin()
        connect()
        await until(lambda: failed)
        assert failed == [1]
        await until(lambda: process.share.held[0] == 0)

    with processes(1) as ([process], connect):
        asyncio.run(play(process, connect))


def test_who_has_no_room_leaves_the_next_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.taking._ROOM", 2)

    async def play(some: list[Process], connect: Callable[[], None]) -> None:
        some[0].taker.begin()
        for _ in range(3):
            connect()
        await until(lambda: held(some) == [2, 0])
        some[1].taker.begin()
        await until(lambda: held(some) == [2, 1])

    with processes(2) as (some, connect):
        asyncio.run(play(some, connect))


class Full(socket.socket):
    """A socket whose machine has no room once."""

    def accept(self) -> tuple[socket.socket, object]:
        if not getattr(self, "was_full", False):
            self.was_full = True
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def test_where_there_is_no_room_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.taking._FULL_S", 0.01)

    async def play(process: Process, address: tuple[str, int]) -> None:
        process.taker.begin()
        with socket.create_connection(address, timeout=PATIENCE_S):
            await until(lambda: process.has)

    with listening(LOOPBACK, 0) as listener, Full(fileno=listener.dup().detach()) as full:
        process = Process(full, Share([0]))
        asyncio.run(play(process, listener.getsockname()))
        process.close(1)
