"""A shift of forty stations that are offline a third of the time, in made-up time: `python -m tools.shift`.

It is played in parts of half an hour. After each, the files of hub and stations are closed, copied into a folder of `build/shift` beside
who was doing what, and opened again: whatever ends the program, the next one goes on behind the last part, and what
comes of it is the same. What was played by another version of the program is not gone on with.

A stop takes ten times as long as it does, and stations speak with the hub as often as they do one, so that a shift has a tenth of both:
what is measured is whether there is a stop to go to. Each remembers an outage of the day before, so that it holds work for 120
minutes, as any does after its first long one. Benches and dock are there, and have their hub, so that what was picked
leaves: a double would be seen in the van, and a promise that was made twice at a shelf.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any
from unittest.mock import patch

from core.kernel.uow import UnitOfWork
from core.rights.model import HubOutage
from core.rights.outages import MINUTES_MAX, minutes_ahead, outage_minutes
from core.waves import leases
from tests.quick import share_statements
from tests.simulation.dst.asleep import put_away, wake
from tests.simulation.dst.goods import Wrong
from tests.simulation.dst.machine import Machine
from tests.simulation.dst.site import close, fast_folder
from tests.support import SITE
from tools.outage import HOUR, MINUTE, SECOND, Hands, Hours, Offline, Worked, left, opened

PART_MS = 30 * MINUTE
STOP_MS = 450 * SECOND
OFFLINE_MEAN_MS, ONLINE_MEAN_MS = 53 * MINUTE, 103 * MINUTE
"""Exponential times: offline 34 % of the time, as long as the published figures of the model say (sync.md, section 2)."""
ORDERS_FIRST, ORDERS_AN_HOUR = 16, 3.5
"""For each cart: a little more than it can pick, so that somebody who stands idle had no right to work, not no work."""
CARTS_A_BENCH = 10
DAY = 24 * HOUR
KEPT = Path("build/shift")


@dataclass(frozen=True, slots=True)
class Shift:
    """Which shift."""

    stations: int = 40
    hours: float = 8
    seed: int = 1
    part_ms: int = PART_MS

    @property
    def parts(self) -> int:
        """Return in how many parts it is played."""
        return -(-int(self.hours * HOUR) // self.part_ms)

    @property
    def carts(self) -> tuple[str, ...]:
        """Return the names of the stations that are offline now and then."""
        return tuple(f"cart-{n}" for n in range(1, self.stations + 1))


FULL = Shift()


def outages(shift: Shift) -> dict[str, list[tuple[int, int]]]:
    """Draw when each station is offline, in milliseconds since the shift began.

    The line was as it is on the day before already: were all connected when a shift begins, they were offline less than the model says.
    """
    drawn: dict[str, list[tuple[int, int]]] = {}
    chance, until = Random(shift.seed), int(shift.hours * HOUR)
    for name in shift.carts:
        at, times = -DAY, []
        while at < until:
            at += int(chance.expovariate(1 / ONLINE_MEAN_MS))
            end = at + int(chance.expovariate(1 / OFFLINE_MEAN_MS))
            if end > 0 and at < until:
                times.append((max(at, 0), end))
            at = end
        drawn[name] = times
    return drawn


@contextmanager
def _slow_stops() -> Iterator[None]:
    """Let a stop take as long as it does here, for the hub that counts the minutes of what a station holds as well.

    What a part leaves behind is looked for once, behind it: again and again that is a fifth of the time.
    """
    share_statements()
    gc.disable()
    try:
        with patch.object(leases, "SECONDS_A_STOP", STOP_MS // SECOND):
            yield
    finally:
        gc.enable()
        gc.collect()


class Kept:
    """The folder that a shift's parts are kept in: of one version of the program, the newest alone."""

    def __init__(self, folder: Path, shift: Shift) -> None:
        """Go on with what is there."""
        self._folder = folder / f"{shift.stations}-stations-{shift.hours:g}-hours-{shift.seed}-{version()}"
        self._folder.mkdir(parents=True, exist_ok=True)

    def newest(self) -> tuple[int, Path]:
        """Return the number of the newest part and its folder; -1 where there is none."""
        found = [(int(each.name), each) for each in self._folder.iterdir() if each.name.isdigit()]
        return max(found, default=(-1, self._folder))

    def keep(self, number: int, hours: Hours) -> None:
        """Put everything away as a part; the one before is not needed any more."""
        half = self._folder / f"{number}-half"
        if half.exists():
            rmtree(half)
        half.mkdir()
        put_away(hours.site, hours, half)
        before = self.newest()
        half.rename(self._folder / str(number))
        if before[0] >= 0:
            rmtree(before[1])

    @property
    def figure(self) -> Path:
        """Return where what came of it is kept."""
        return self._folder / "figure.json"


def version() -> str:
    """Return a name of the program's version, by its last commit and what differs from it."""
    said = [
        subprocess.run(["git", *words], capture_output=True, check=True).stdout
        for words in (("rev-parse", "--short", "HEAD"), ("diff", "HEAD"))
    ]
    changed = f"-{sha256(said[1]).hexdigest()[:8]}" if said[1] else ""
    return said[0].decode().strip() + changed


def begin(shift: Shift, kept: Kept) -> dict[str, Any]:
    """Let everybody come to work, and work for ten minutes with nobody offline; return what is told of that."""
    stations = {"cart": shift.stations, "bench": -(-shift.stations // CARTS_A_BENCH), "dock": 1}
    offline = Offline(outages(shift))
    orders = int(shift.stations * ORDERS_AN_HOUR)
    with _slow_stops(), opened(stations, orders, offline, shift.seed) as hours:
        hours.hands, hours.contact_ms = Hands(stop=STOP_MS), STOP_MS
        hours.slots = 2
        for name in shift.carts:
            _remember_an_outage(hours.site.machines[name])
        hours.order(shift.stations * ORDERS_FIRST)
        hours.day.office.on_plan(hours.slots)
        hours.begin()
        hours.play(hours.site.time.at + 10 * MINUTE)
        offline.begun = hours.site.time.at
        hours.worked = {name: Worked() for name in hours.worked}
        kept.keep(0, hours)
        return {"stations": shift.stations, "hours": 0.0}


def _remember_an_outage(machine: Machine) -> None:
    """Let a station have been without its hub for so long the day before that it holds as much work as a station ever does."""
    end = machine.clock.now_ms() - 24 * HOUR
    connection = machine.bench.executor.connection
    with connection.begin():
        uow = UnitOfWork(connection)
        uow.save(HubOutage(SITE, end - MINUTES_MAX * MINUTE, end))
        uow.flush()
        assert minutes_ahead(outage_minutes(connection, SITE)) == MINUTES_MAX


@contextmanager
def _going_on(part: Path) -> Iterator[Hours]:
    with _slow_stops(), fast_folder() as fast, tempfile.TemporaryDirectory(dir=fast) as folder:
        hours: Hours = wake(part, Path(folder))
        try:
            yield hours
        finally:
            close(hours.site)


def play(shift: Shift, folder: Path = KEPT) -> Iterator[dict[str, Any]]:
    """Play a shift on to its end; yield its figure so far after each part, and in the end whether anything is wrong.

    Raises:
        Wrong: something was seen in the hall that must not be: a part that is played again comes to it again.
    """
    kept = Kept(folder, shift)
    told: dict[str, Any]
    if kept.figure.exists():
        yield json.loads(kept.figure.read_text(encoding="utf-8"))
        return
    if kept.newest()[0] < 0:
        yield begin(shift, kept)
    for number in range(kept.newest()[0], shift.parts):
        with _going_on(kept.newest()[1]) as hours:
            hours.play(hours.offline.begun + min((number + 1) * shift.part_ms, int(shift.hours * HOUR)))
            told = figure(shift, hours)
            kept.keep(number + 1, hours)
        yield told
    with _going_on(kept.newest()[1]) as hours:
        told = figure(shift, hours)
        wrong = hours.ended()
    told |= {"differences": len(wrong), "first": wrong[:1]}
    kept.figure.write_text(json.dumps(told), encoding="utf-8")
    yield told


def figure(shift: Shift, hours: Hours) -> dict[str, Any]:
    """Return how much of the time carts had work, up to now."""
    played = hours.site.time.at - hours.offline.begun
    gone = sum(max(0, min(end, played) - start) for times in hours.offline.times.values() for start, end in times)
    carts = [hours.worked[name] for name in shift.carts]
    whole = sum(each.busy_ms + each.idle_ms for each in carts)
    return {
        "stations": shift.stations, "hours": round(played / HOUR, 2), "of_hours": shift.hours, "seed": shift.seed,
        "offline": round(gone / (played * shift.stations), 3), "utilisation": sum(each.busy_ms for each in carts) / whole,
        "parcels": left(hours.site),
    }  # fmt: skip


def measure_shift(shift: Shift = FULL, folder: Path = KEPT, parts: int | None = None) -> dict[str, Any]:
    """Measure how much of a shift carts have work that are offline a third of the time; goes on where it was ended.

    Args:
        shift: which.
        folder: where its parts are kept.
        parts: after how many parts it stops, to go on another time; None for all.
    """
    told: dict[str, Any] = {}
    try:
        for told in islice(play(shift, folder), parts):
            print(json.dumps(told | {"cpu_s": round(time.process_time())}), file=sys.stderr, flush=True)
    except Wrong as e:
        told |= {"differences": 1, "first": [f"hall: {e}"]}
    return told


def main(words: list[str]) -> int:
    """Play a shift, or some more parts of it."""
    parser = argparse.ArgumentParser(prog="python -m tools.shift", description="Plays a shift on to its end.")
    parser.add_argument("--stations", type=int, default=FULL.stations)
    parser.add_argument("--hours", type=float, default=FULL.hours)
    parser.add_argument("--seed", type=int, default=FULL.seed)
    parser.add_argument("--parts", type=int, help="stop after so many, to go on another time")
    asked = parser.parse_args(words)
    told = measure_shift(Shift(asked.stations, asked.hours, asked.seed), parts=asked.parts)
    print(json.dumps(told))
    return int(bool(told.get("differences")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
