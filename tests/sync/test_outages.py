"""A station that was without its hub for long holds more work ahead; its own clock has no say in it."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from core.kernel.database import DatabaseFault
from core.kernel.executor import Identity
from core.kernel.ids import StationId
from core.kernel.refusal import Fault
from core.rights.model import HubOutage, Stage
from core.rights.outages import REMEMBERED_MS, minutes_ahead, note_contact, outage_minutes
from core.rights.standing import Standing
from core.waves.leases import Held
from sync.numbers import InHand
from sync.protocol import BUSY, Fetch, Fetched, Refused
from sync.station.engines import HubFault, HubRefusal, Me, ReadHeld, ReadNumbers, ReadStanding, SendFetch, SendLease
from sync.station.lease import lease
from sync.station.running import DISK, UNREACHABLE, Engines
from sync.station.surroundings import Surroundings
from tests.support import NOON, SITE, Bench, bench

MINUTE = 60_000


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("outages", "minutes"),
    [((), 60), ((5, 12), 60), ((40,), 60), ((41, 3), 62), ((61,), 92), ((80,), 120), ((600,), 120)],
)
def test_half_as_much_again_as_the_longest_outage_between_one_hour_and_two(
    outages: Sequence[int], minutes: int
) -> None:
    assert minutes_ahead(outages) == minutes


def contact(it: Bench, at: int, start: bytes = b"first") -> None:
    with it.executor.connection.begin():
        note_contact(it.executor.connection, SITE, start, at)


def known(it: Bench) -> list[int]:
    with it.executor.connection.begin():
        return outage_minutes(it.executor.connection, SITE)


def test_only_time_without_an_answer_in_one_run_of_the_program_is_an_outage(it: Bench) -> None:
    for at in (0, 1, 2, 45):
        contact(it, NOON + at * MINUTE)
    assert known(it) == [43]
    contact(it, NOON + 600 * MINUTE, b"second")
    contact(it, NOON + 601 * MINUTE, b"second")
    assert known(it) == [43]
    # An answer that was long on its way, or of a hub whose clock was set back, makes nothing new.
    contact(it, NOON + 500 * MINUTE, b"second")
    contact(it, NOON + 602 * MINUTE, b"second")
    assert known(it) == [43]


def test_an_outage_is_remembered_for_some_weeks(it: Bench) -> None:
    contact(it, NOON)
    contact(it, NOON + 90 * MINUTE)
    contact(it, NOON + 90 * MINUTE + REMEMBERED_MS + 1, b"later")
    assert known(it) == []
    assert len(it.all(HubOutage)) == 1


def test_a_station_asks_for_as_long_as_its_outages_say() -> None:
    me = Identity(SITE, StationId(b"station-00000001"), 1)
    engine = lease(Me(me.site, me.station, b"start"))
    assert isinstance(next(engine), ReadHeld)
    assert isinstance(engine.send(Held({Stage.PICK: 70 * 60}, (), 92)), ReadNumbers)
    assert isinstance(engine.send(InHand(None, {})), ReadStanding)
    asked = engine.send(Standing(me, 1, 0, b"", 0, b"", frozenset(), sure=True))
    assert isinstance(asked, SendLease)
    assert asked.lease.minutes == 92


_A_ROUND_S = 2
"""What the round takes that gets through."""


class Answers:
    """A hub that answers what it is asked for."""

    async def fetch(self, message: Fetch) -> Fetched:
        return Fetched(epoch=message.epoch, rows=())


def test_once_the_hub_answers_one_engine_those_that_found_none_do_not_wait_their_time() -> None:
    me = Me(SITE, StationId(b"station-00000001"), b"start")
    nothing = cast("Any", None)
    around = Surroundings(
        me, nothing, nothing, nothing, cast("Any", Answers()), Random(1), nothing, nothing, nothing
    )  # fmt: skip
    engines = Engines(around)

    async def waiting() -> tuple[bool, bool]:
        found_none = asyncio.ensure_future(engines._pause(engines._push, UNREACHABLE, 30))
        full = asyncio.ensure_future(engines._pause(engines._lease, DISK, 30))
        await asyncio.sleep(0)
        asked = Fetch(epoch=1, site=SITE, station=me.station, wanted=())
        await engines._asked(SendFetch(asked))
        await asyncio.wait({found_none}, timeout=5)
        ended = found_none.done(), full.done()
        for task in (found_none, full):
            task.cancel()
        return ended

    assert asyncio.run(waiting()) == (True, False)
    engines._loop.close()


ME = Me(SITE, StationId(b"station-00000001"), b"start")
NOTHING = cast("Any", None)


class Quick(asyncio.SelectorEventLoop):
    """A loop in which the time until the next thing happens is over at once."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready:  # type: ignore[attr-defined]
            due = [each.when() for each in self._scheduled if not each.cancelled()]  # type: ignore[attr-defined]
            self.now = max(self.now, min(due, default=self.now))
        super()._run_once()  # type: ignore[misc]


class Unlucky(Random):
    """Chance that has everybody wait for as long as may be."""

    def uniform(self, a: float, b: float) -> float:
        return b


@pytest.mark.parametrize("fault", [HubRefusal(Refused(epoch=0, reason=BUSY)), HubFault("503"), DatabaseFault("full")])
def test_who_was_refused_for_long_agrees_ten_seconds_after_the_network_is_whole(fault: Fault) -> None:
    nothing = cast("Any", None)
    me = Me(SITE, StationId(b"station-00000001"), b"start")
    around = Surroundings(
        me, nothing, nothing, nothing, nothing, Unlucky(), lambda heard: None, nothing, nothing
    )  # fmt: skip
    engines = Engines(around)
    rested: list[float] = []

    def refused() -> Any:
        raise fault
        yield

    async def rest(each: object, reason: str, seconds: float) -> None:
        rested.append(seconds)
        if len(rested) == 20:
            raise asyncio.CancelledError

    engines._push.begin, engines._pause = refused, rest  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(engines._again(engines._push))
    engines._loop.close()

    assert rested[:3] == [1.0, 2.0, 4.0]
    assert max(rested) + _A_ROUND_S <= 10


def test_who_finds_no_turn_while_nobody_works_there_rests_longer_until_somebody_does() -> None:
    people = [False]
    around = Surroundings(
        ME, NOTHING, NOTHING, NOTHING, NOTHING, Unlucky(), lambda heard: None, NOTHING, NOTHING, attended=lambda: people[0]
    )  # fmt: skip
    engines = Engines(around)
    engines._loop.close()
    loop = engines._loop = Quick()

    async def rested(reason: str, comes_at: float) -> float:
        began = loop.time()
        comes = loop.call_at(began + comes_at, people.__setitem__, 0, True)
        await engines._pause(engines._push, reason, around.chance.uniform(0, engines._longest(reason)))
        comes.cancel()
        people[0] = False
        return loop.time() - began

    async def rests() -> list[float]:
        return [
            await rested(BUSY, 60),
            await rested(BUSY, 0),
            await rested(BUSY, 3.5),
            await rested(BUSY, 20.5),
            await rested(DISK, 60),
        ]

    found = loop.run_until_complete(rests())
    loop.close()

    assert found[0] == 30
    assert found[1:] == [8, 8, 21, 8]


class Away:
    """A hub that does not answer before it is whole, and who asked when."""

    def __init__(self, loop: asyncio.AbstractEventLoop, whole_at: float) -> None:
        self.loop, self.whole_at = loop, whole_at
        self.asked: list[float] = []
        self.reached: dict[str, float] = {}

    async def fetch(self, message: Fetch) -> Fetched:
        ((engine, _),) = message.wanted
        if self.loop.time() < self.whole_at:
            self.asked.append(self.loop.time())
            raise HubFault("503")
        self.reached.setdefault(engine, self.loop.time())
        # What asks again at once has its answer after a while.
        await asyncio.sleep(1)
        return Fetched(epoch=message.epoch, rows=())


@pytest.mark.parametrize("seed", range(8))
def test_a_hub_that_is_away_is_asked_by_one_engine_for_all_and_found_by_all_in_ten_seconds(seed: int) -> None:
    loop = Quick()
    hub = Away(loop, whole_at=400 + seed)
    around = Surroundings(
        ME, NOTHING, NOTHING, NOTHING, cast("Any", hub), Random(seed), lambda heard: None, NOTHING, NOTHING
    )  # fmt: skip
    engines = Engines(around)
    engines._loop.close()
    engines._loop = loop

    def asking(name: str) -> Any:
        yield SendFetch(Fetch(epoch=1, site=SITE, station=ME.station, wanted=((name, ""),)))

    async def day() -> None:
        for each in engines._rounds:
            each.begin = partial(asking, each.name)
        tasks = [asyncio.ensure_future(engines._again(each)) for each in engines._rounds]
        await asyncio.sleep(hub.whole_at + 20)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    loop.run_until_complete(day())
    loop.close()

    assert len([at for at in hub.asked if at > 100]) < 1.5 * 300 / 4, "one engine asks every four seconds"
    assert hub.reached.keys() == {each.name for each in engines._rounds}
    assert max(hub.reached.values()) - hub.whole_at <= 10
