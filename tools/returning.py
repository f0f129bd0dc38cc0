"""The morning after: hundreds of stations of four sites were apart for eight hours, and all come back to one hub at once.

`python -m tools.returning STATIONS OPERATIONS [SITES]` makes sites in a PostgreSQL of its own, runs a hub over it, lets every
station push what it did as its engine would (the same pushes, the same patience with a hub that is busy), and looks in the
database whether all of it is there once. One station in ten has somebody at it, and at each site one more, which was never
away, goes on with its work: what that one waits is measured too. What was done is goods booked in and cases opened: facts
that any station may push without a plan of its own; it is written as bytes before the hub hears of it, as it would lie in
the stations' files. While they push nothing is pulled; once all are through every one of them listens, as stations do, until something is done at
its site: what the hub holds then counts in its memory.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import sqlalchemy as sa
import uuid_utils

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.catalog.commands import location_id
from core.kernel.commands import Command, body_of
from core.kernel.database import open_postgres
from core.kernel.ids import NO_SESSION, CommandId, SiteId, StationId
from core.kernel.operations import GENESIS, Operation, OperationOutcome, OperationState, operation_hash
from core.rights.commands import AddStation
from core.rights.model import StationKind
from core.stock.commands import Receipt, ReceiveStock
from sync.hub.center import Center
from sync.hub.cluster import Cluster
from sync.protocol import OPERATIONS_MAX, Push, sent_operation
from sync.station.running import FIRST_WAIT_S, LONGEST_WAIT_S
from tests.orders.shop import OWNER, item, lay_out
from tests.support import NOON, PICKER, SITE, Bench, FakeClock, FakeIds
from tests.sync.office import AtTheHub
from tests.sync.world import everybody
from tools.hub_bench import serving
from tools.ready_pushes import OK, Ready, Wire, open_wire, ready, ready_pull

ATTENDED = 10
"""One station in so many has somebody at it."""
LIVE_PAUSE_S = 1.0
"""Between two things that are done at a station that was never away."""
LONGEST_S = 3_600.0
LISTENS_S = 15.0
GOODS = (("MUG", "A-1"), ("CUP", "A-2"), ("JUG", "B-1"))


def name_of(number: int) -> StationId:
    """Return the id of a station."""
    return StationId(b"station-%08d" % number)


def make(address: str, stations: int) -> None:
    """Make a site with so many stations in an empty database; the site is the tests' own."""
    hub = open_postgres(address, connections=3)
    hub.prepare()
    with hub.connect() as central:
        clock, ids = FakeClock(), FakeIds(start=900_000_000)
        center = Center(lambda _site: hub, clock, ids)
        it = Bench(hub, AtTheHub(center, central), clock, ids)  # type: ignore[arg-type]
        everybody(lay_out(it))
        for number in range(1, stations + 1):
            it.run(
                AddStation(
                    **it.base(), station=name_of(number), name=f"S-{number}", kind=StationKind.DESK, base_version=0
                )
            )
    hub.dispose()


@dataclass(slots=True)
class Away:
    """A station with what it did."""

    site: SiteId
    number: int
    left: int
    attended: bool
    chance: Random
    start: bytes = field(default_factory=lambda: uuid_utils.uuid7().bytes)
    seq: int = 0
    head: bytes = GENESIS
    made: list[Ready] = field(default_factory=list)
    """Its pushes, written beforehand."""

    def write(self) -> None:
        """Write everything that is left as pushes."""
        while self.left:
            self.made.append(ready(self.next(), attended=self.attended))

    def next(self, most: int = OPERATIONS_MAX) -> Push:
        """Return the next push."""
        operations = [self._operation() for _ in range(min(most, self.left))]
        self.left -= len(operations)
        return Push(
            epoch=1, site=self.site, station=name_of(self.number), incarnation=1, start=self.start,
            log_length=self.seq + self.left, log_head=self.head, operations=tuple(map(sent_operation, operations)),
        )  # fmt: skip

    def _operation(self) -> Operation:
        self.seq += 1
        command = self._command(CommandId(uuid_utils.uuid7().bytes), NOON + self.seq * 28_000)
        made = Operation(
            self.seq, self.seq, command.id, command.KIND, command.VERSION, body_of(command), self.site, PICKER, NO_SESSION,
            name_of(self.number), 1, command.at, self.seq * 28_000_000_000, 0, 0, self.head, b"", OperationState.PENDING, "{}", OperationOutcome.APPLIED,
        )  # fmt: skip
        made = replace(made, hash=operation_hash(made))
        self.head = made.hash
        return made

    def _command(self, made: CommandId, at: int) -> Command:
        if self.chance.random() < 0.2:
            return OpenCase(
                id=made, site=self.site, at=at, actor=PICKER, session=NO_SESSION, kind=CaseKind.CALL,
                subject=name_of(self.number),
            )  # fmt: skip
        sku, place = self.chance.choice(GOODS)
        receipt = Receipt(owner=OWNER, item=item(sku), location=location_id(place), quantity=1)
        return ReceiveStock(id=made, site=self.site, at=at, actor=PICKER, session=NO_SESSION, receipts=(receipt,))


@dataclass(slots=True)
class Told:
    """What is measured while they come back."""

    begun: float
    attended: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    """Seconds until each was through."""
    waited: list[float] = field(default_factory=list)
    """Seconds that something took which was done meanwhile at a station that was never away."""
    busy: int = 0
    """How often the hub said that it has no room."""
    heard: list[float] = field(default_factory=list)
    """Seconds from something that was done until each of those that listened had heard of it."""


async def _pushed(address: str, line: Wire | None, push: Ready, chance: Random, told: Told) -> Wire:
    """Push until it is taken, with an engine's patience; return the connection that it went by."""
    failures = 0
    while True:
        try:
            line = line or await open_wire(address)
            answer = await line.ask(push.request)
            if answer.status == OK:
                assert answer.pushed().applied_through == push.through, answer
                return line
        except (OSError, EOFError):
            if line is not None:
                line.close()
            line = None
        failures += 1
        told.busy += 1
        await asyncio.sleep(chance.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures, 10))))


async def _come_back(address: str, one: Away, told: Told) -> None:
    line = None
    for push in one.made:
        line = await _pushed(address, line, push, one.chance, told)
    (told.attended if one.attended else told.others).append(time.monotonic() - told.begun)
    if line is not None:
        line.close()


async def _live(address: str, one: Away, told: Told, over: asyncio.Event) -> None:
    """Work on at a station that was never away, until the others are through."""
    line = None
    while not over.is_set():
        one.left = 1
        begun = time.monotonic()
        line = await _pushed(address, line, ready(one.next()), one.chance, told)
        told.waited.append(time.monotonic() - begun)
        await asyncio.sleep(LIVE_PAUSE_S)
    if line is not None:
        line.close()


async def _listens(address: str, one: Away, after: int, told: Told, done: asyncio.Event) -> None:
    line = await open_wire(address)
    page = (await line.ask(ready_pull(one.site, name_of(one.number), after, LISTENS_S))).pulled()
    assert done.is_set(), "it was answered before anything was done"
    assert page.rows, "it was answered with nothing"
    told.heard.append(time.monotonic() - told.begun)
    line.close()


async def _listen(address: str, away: list[Away], live: list[Away], told: Told) -> None:
    """Let everybody listen at once, and something be done at each site."""
    heads = {}
    for one in live:
        line = await open_wire(address)
        heads[one.site] = (await line.ask(ready_pull(one.site, name_of(one.number), 0))).pulled().head
        line.close()
    done = asyncio.Event()
    listening = [asyncio.ensure_future(_listens(address, one, heads[one.site], told, done)) for one in away]
    await asyncio.sleep(LISTENS_S / 3)
    told.begun = time.monotonic()
    done.set()
    for one in live:
        one.left = 1
        (await _pushed(address, None, ready(one.next()), one.chance, told)).close()
    await asyncio.gather(*listening)


async def _all(address: str, away: list[Away], live: list[Away]) -> Told:
    told, over = Told(time.monotonic()), asyncio.Event()
    working = [asyncio.ensure_future(_live(address, one, told, over)) for one in live]
    await asyncio.wait_for(asyncio.gather(*(_come_back(address, one, told) for one in away)), LONGEST_S)
    over.set()
    await asyncio.gather(*working)
    await _listen(address, away, live, told)
    return told


def _tree(process: int) -> Iterator[int]:
    yield process
    children = Path(f"/proc/{process}/task/{process}/children")
    for child in children.read_text(encoding="ascii").split() if children.exists() else ():
        yield from _tree(int(child))


def memory_mb(process: int) -> float:
    """Return the memory of a process and its children, in MiB: what they share counts once."""
    total = 0
    for each in _tree(process):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


async def _most(process: int, found: list[float]) -> None:
    while True:
        found.append(await asyncio.to_thread(memory_mb, process))
        await asyncio.sleep(1)


async def _measured(address: str, process: int, away: list[Away], live: list[Away]) -> tuple[Told, float]:
    found: list[float] = []
    looking = asyncio.ensure_future(_most(process, found))
    told = await _all(address, away, live)
    looking.cancel()
    return told, max(found)


def _counted(places: dict[SiteId, str]) -> dict[str, int]:
    """Look in the databases how much is there, and how much of it was not simply applied."""
    found = {"operations": 0, "receipts": 0, "not_applied": 0, "booked": 0}
    queries = {
        "operations": "SELECT count(*) FROM op_log WHERE kind IN ('stock.receive', 'cases.open')",
        "receipts": "SELECT count(*) FROM operation_receipt WHERE outcome = 'applied' AND operation IN "
        "(SELECT id FROM op_log WHERE kind IN ('stock.receive', 'cases.open'))",
        "not_applied": "SELECT count(*) FROM operation_receipt WHERE outcome <> 'applied'",
        "booked": "SELECT coalesce(sum(total), 0) FROM balance WHERE signed = 0",
    }
    for place in places.values():
        plain = sa.make_url(place).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain) as connection:
            for name, query in queries.items():
                row = connection.execute(query).fetchone()
                found[name] += int(row[0]) if row is not None else 0
    return found


def measure_returning(folder: Path, stations: int = 60, operations: int = 200, sites: int = 4) -> dict[str, Any]:
    """Measure stations that come back at once; the issue's are 500 of four sites with 1,000 operations each."""
    folder.mkdir()
    for each in (folder, folder.parent):
        # The database's server may run as somebody else, who must be able to pass.
        each.chmod(each.stat().st_mode | 0o111)
    cluster = Cluster(folder / "postgres")
    cluster.make()
    each_site = stations // sites
    with cluster.running():
        places = {}
        for number in range(1, sites + 1):
            cluster.create(f"site_{number}")
            places[SiteId(number)] = cluster.address(f"site_{number}")
            words = [sys.executable, "-m", "tools.returning", "make", places[SiteId(number)], str(each_site + 1)]
            subprocess.run(words, check=True, env=os.environ | {"DOCKSIDE_TEST_SITE": str(number)})
        away = [
            Away(site, number, operations, number % ATTENDED == 0, Random(number))
            for site in places
            for number in range(1, each_site + 1)
        ]
        for one in away:
            one.write()
        live = [Away(site, each_site + 1, 0, attended=True, chance=Random(0)) for site in places]
        with serving(folder / "hub", places) as (address, process):
            told, memory = asyncio.run(_measured(address, process, away, live))
        counted = _counted(places)
    return _summary(told, away, live, counted) | {"stations": len(away), "sites": sites, "memory_mb": memory}


def _summary(told: Told, away: list[Away], live: list[Away], counted: dict[str, int]) -> dict[str, Any]:
    sent, seconds = sum(one.seq for one in (*away, *live)), max((*told.attended, *told.others))
    waited = sorted(told.waited)
    return {
        "operations": sent, "drained_s": seconds, "ops_per_second": sent / seconds,
        "lost_or_twice": abs(sent - counted["operations"]) + abs(sent - counted["receipts"]),
        "not_applied": counted["not_applied"], "attended_mean_s": sum(told.attended) / max(1, len(told.attended)),
        "others_mean_s": sum(told.others) / max(1, len(told.others)), "live_p50_s": waited[len(waited) // 2],
        "live_longest_s": waited[-1], "no_room": told.busy, "listened": len(told.heard), "heard_longest_s": max(told.heard),
    }  # fmt: skip


def main(words: list[str]) -> int:
    """Measure, or make a site."""
    if words[0] == "make":
        assert SITE, "the site is the tests' own"
        make(words[1], int(words[2]))
        return 0
    with tempfile.TemporaryDirectory(prefix="dockside-returning-") as folder:
        stations, operations, *sites = map(int, words)
        print(json.dumps(measure_returning(Path(folder) / "hub", stations, operations, *sites)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
