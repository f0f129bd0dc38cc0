"""Whose push is next when many stations come at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from sync.hub import turns
from sync.hub.turns import IN_A_ROW, GivenUp, NoRoom, Turns


class Floor:
    """Stations that push, and the order in which they had their turns."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.served: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.going_on = asyncio.Event()
        self.pushes: list[asyncio.Task[None]] = []
        self.closed: dict[str, asyncio.Event] = {}
        """Connections, and whether they were closed from the other side."""

    async def push(self, name: str, *, attended: bool, site: int = 1, patience_s: float | None = None) -> None:
        closed = self.closed.setdefault(name, asyncio.Event())
        async with self.turns.turn(site, attended=attended, gone=closed.wait, patience_s=patience_s):
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.served.append(name)
            await self.going_on.wait()
            self.at_once -= 1

    async def comes(
        self, name: str, *, attended: bool = False, site: int = 1, patience_s: float | None = None
    ) -> "asyncio.Task[None]":
        """Begin a push and let it get in line."""
        task = asyncio.ensure_future(self.push(name, attended=attended, site=site, patience_s=patience_s))
        self.pushes.append(task)
        await asyncio.sleep(0)
        return task

    async def all_done(self) -> None:
        self.going_on.set()
        await asyncio.gather(*self.pushes, return_exceptions=True)


def played(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


def test_stations_with_people_at_them_come_first_and_one_at_a_time() -> None:
    async def scene() -> None:
        floor = Floor()
        for name in ("first", "dark 1", "dark 2"):
            await floor.comes(name)
        for name in ("mara", "tom"):
            await floor.comes(name, attended=True)
        await floor.all_done()

        assert floor.served == ["first", "mara", "tom", "dark 1", "dark 2"]
        assert floor.most_at_once == 1

    played(scene())


def test_sites_do_not_wait_for_each_other() -> None:
    async def scene() -> None:
        floor = Floor()
        await floor.comes("here", site=1)
        await floor.comes("there", site=2)
        assert floor.served == ["here", "there"]
        await floor.all_done()

    played(scene())


def test_nobody_waits_for_ever_however_many_people_work() -> None:
    async def scene() -> None:
        floor = Floor()
        await floor.comes("first", attended=True)
        await floor.comes("dark")
        for n in range(3 * IN_A_ROW):
            await floor.comes(f"person {n}", attended=True)
        await floor.all_done()

        assert floor.served.index("dark") <= IN_A_ROW + 1
        assert len(floor.served) == 3 * IN_A_ROW + 2

    played(scene())


def test_who_finds_no_room_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        floor = Floor()
        await floor.comes("first")
        waiting = [await floor.comes(f"dark {n}") for n in range(3)]
        person = await floor.comes("mara", attended=True)
        await floor.all_done()

        assert [isinstance(each.exception(), NoRoom) for each in waiting] == [False, False, True]
        assert person.exception() is None, "there is room of its own for those whom somebody waits for"

    monkeypatch.setattr(turns, "UNATTENDED_MAX", 2)
    played(scene())


def test_who_would_find_no_room_is_told_so_before_anything_is_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        floor = Floor()
        floor.turns.look_for_room(1, attended=False)
        await floor.comes("first")
        floor.turns.look_for_room(1, attended=False)
        await floor.comes("dark")
        with pytest.raises(NoRoom):
            floor.turns.look_for_room(1, attended=False)
        floor.turns.look_for_room(1, attended=True)
        floor.turns.look_for_room(2, attended=False)
        await floor.all_done()
        floor.turns.look_for_room(1, attended=False)

    monkeypatch.setattr(turns, "UNATTENDED_MAX", 1)
    played(scene())


def test_who_goes_away_gives_up_its_turn() -> None:
    async def scene() -> None:
        floor = Floor()
        first = await floor.comes("first")
        away = await floor.comes("away")
        await floor.comes("next")
        away.cancel()
        first.cancel()
        await asyncio.sleep(0)
        await floor.all_done()

        assert floor.served == ["first", "next"]

    played(scene())


def test_who_goes_away_in_the_moment_it_gets_the_turn_passes_it_on() -> None:
    async def scene() -> None:
        floor = Floor()
        async with floor.turns.turn(1, attended=False):
            away = await floor.comes("away")
            await floor.comes("next")
        away.cancel()
        await floor.all_done()

        assert away.cancelled()
        assert floor.served == ["next"]

    played(scene())


def test_a_push_whose_client_gave_up_leaves_the_line() -> None:
    async def scene() -> None:
        floor = Floor()
        await floor.comes("first")
        dead = [await floor.comes(f"dead {n}", attended=True) for n in range(3)]
        patient = await floor.comes("cut off", attended=True, patience_s=0.01)
        await floor.comes("mara", attended=True, patience_s=60)
        for n in range(3):
            floor.closed[f"dead {n}"].set()
        await asyncio.wait([*dead, patient])
        await floor.all_done()

        assert floor.served == ["first", "mara"]
        assert [isinstance(each.exception(), GivenUp) for each in (*dead, patient)] == [True] * 4

    played(scene())


def test_who_gave_up_takes_no_room_and_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        floor = Floor()
        async with floor.turns.turn(1, attended=False):
            dead = await floor.comes("dead")
            floor.closed["dead"].set()
            await asyncio.wait([dead])
            at_the_last = await floor.comes("at the last moment")
            floor.closed["at the last moment"].set()
        following = await floor.comes("next")
        await floor.all_done()

        assert isinstance(at_the_last.exception(), GivenUp)
        assert (floor.served, following.exception()) == (["next"], None)

    monkeypatch.setattr(turns, "UNATTENDED_MAX", 1)
    played(scene())
