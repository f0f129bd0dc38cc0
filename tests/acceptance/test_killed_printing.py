"""devices.md 7.1, InvenTree 11650, with nothing of it played: a station's process is killed while it prints on another process.

What lies on the floor is counted by the printer, which outlives the station, and held against the station's ledger.
"""

import json
import random
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from core.catalog.contents import WorkstationLabel
from core.kernel.ids import JobId
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from desktop.assembly import assembled
from desktop.paper_desk import LABEL, ask
from printing import virtual
from tests.acceptance import only_prints
from tests.forks import Forked
from tests.homes import copy_home
from tests.simulation.lossyfs import LossyMount, mounted, unavailable

IN_TEST, AT_NIGHT = 10, 100
"""Jobs whose station is killed; `test_print_ledger.py` plays the rest of the thirty, and of the five hundred."""
ON_A_DISK, AT_NIGHT_ON_A_DISK = 4, 50
"""Jobs whose station loses its power, with what its disk had not synced."""
CHANGES = (50, 700)
"""How many changes of the disk after the start the power goes."""
MOMENTS = ("sending", "sent", "printed")


class Floor:
    """A printer as a process of its own, which a life of the station ends no life of."""

    def __init__(self, printer: Forked, folder: Path) -> None:
        self._folder = folder
        ports = json.loads(next(printer.lines()))
        self.port = str(ports["printer"])
        self._control = ports["control"]

    def tell(self, sentence: str) -> None:
        """Do something to the printer."""
        with socket.create_connection(("127.0.0.1", self._control)) as link, link.makefile("rw") as line:
            line.write(f"{sentence}\n")
            line.flush()
            assert line.readline() == "ok\n"

    def paper(self) -> Counter[str]:
        """Return how often each job lies on the floor, as somebody would count who reads the labels."""
        journal = self._folder / "printed.jsonl"
        said = journal.read_text().splitlines() if journal.exists() else []
        found: Counter[str] = Counter()
        for line in map(json.loads, said):
            found[line["job"]] += line["copies"]
        return found


@contextmanager
def floor(folder: Path) -> Iterator[Floor]:
    """Set up a printer."""
    folder.mkdir()
    with Forked(virtual.main, ["--simulate", "--dir", str(folder)]) as printer:
        yield Floor(printer, folder)


def asked(home: Path, count: int) -> list[JobId]:
    """Ask for labels at a station."""
    with assembled(home) as assembly:
        labels = [WorkstationLabel(code=f"T-{n:03}", name="Bench", note="") for n in range(count)]
        return [job.id for job in ask(assembly, labels, LABEL)]


def life(home: Path, printer: Floor, chance: random.Random) -> bool:
    """Let a station print until it is killed, at a moment of its own telling or a little later; say whether it was."""
    with Forked(only_prints.main, str(home), printer.port) as station:
        moments, last = chance.randint(1, 5), chance.choice(MOMENTS)
        for line in station.lines():
            moments -= line.split()[1] == last
            if moments == 0:
                time.sleep(chance.choice((0.0, 0.0, chance.random() / 50)))
                station.kill()
                break
        return station.wait() != 0


def jobs_at(home: Path) -> dict[JobId, PrintJob]:
    """Return the ledger as the next start finds it."""
    with assembled(home, allow_fuse=True) as assembly, assembly.database.reading() as reader:
        return {job.id: job for job in rows_of(PrintJob, reader.execute(sql_of(PrintJob).select()))}


def assert_true(jobs: dict[JobId, PrintJob], asked_for: list[JobId], paper: Counter[str]) -> None:
    """Nothing came out twice; what the ledger calls printed came out; what is missing it does not call printed."""
    assert set(asked_for) <= set(jobs), "a label that was asked for is not known any more"
    for job in asked_for:
        out, state = paper[job.hex()], jobs[job].state
        assert out <= 1, f"{job!r} came out {out} times"
        assert state in (JobState.PRINTED, JobState.UNKNOWN), (state, out)
        assert out == 1 or state is JobState.UNKNOWN, f"{job!r} never came out, and nobody knows"


@pytest.mark.parametrize("count", [IN_TEST, pytest.param(AT_NIGHT, marks=pytest.mark.nightly)])
def test_inventree_11650_a_station_killed_while_it_prints_has_no_label_twice_and_none_lost_that_nobody_knows_of(
    sample_home: Path, tmp_path: Path, count: int
) -> None:
    home, chance = copy_home(sample_home, tmp_path / "home"), random.Random(count)
    names = asked(home, count)
    kills = 0
    with floor(tmp_path / "paper") as printer:
        for n in range(count * 3):
            # A printer that is cut off, or stops within a label, is somebody else's doing at the same moment.
            trouble = chance.choice(("", "", "", f"cut after {chance.randint(1, 400)}", "pause"))
            if trouble:
                printer.tell(trouble)
            wakes = threading.Timer(0.3, printer.tell, ("resume",))
            wakes.start()
            killed = life(home, printer, chance)
            wakes.join()
            kills += killed
            if not killed:
                break
        else:
            pytest.fail(f"after {n + 1} lives the station still prints")
        assert_true(jobs_at(home), names, printer.paper())
    assert kills >= count // 5


@pytest.mark.fuse
@pytest.mark.skipif(unavailable() is not None, reason=f"no power cuts here: {unavailable()}")
@pytest.mark.parametrize("count", [ON_A_DISK, pytest.param(AT_NIGHT_ON_A_DISK, marks=pytest.mark.nightly)])
def test_a_station_whose_power_goes_while_it_prints_knows_afterwards_what_may_lie_on_the_floor(
    sample_home: Path, tmp_path: Path, count: int
) -> None:
    disk, chance = tmp_path / "disk", random.Random(count)
    shutil.copytree(sample_home, disk / "store" / "home")
    names = asked(disk / "store" / "home", count)
    with floor(tmp_path / "paper") as printer:
        done = [without_power(disk, printer, n, chance.randint(*CHANGES)) for n in range(count - 1)]
        assert not all(done), "no power went while it printed"
        assert without_power(disk, printer, count), "it does not end where nothing is taken from it"
        assert_true(jobs_at(disk / "store" / "home"), names, printer.paper())


def without_power(disk: Path, printer: Floor, seed: int, changes: int = 0) -> bool:
    """Let a station print on a disk until the power goes, after so many changes of it; say whether it was done before."""
    with mounted(disk, seed=seed) as mount:
        if changes:
            mount.cut_after(changes)
        with Forked(only_prints.main, str(mount.path / "home"), printer.port) as station:
            plug = threading.Thread(target=pulled, args=(mount, station))
            plug.start()
            for _ in station.lines():
                pass
            # One after the other: how it ended can be read once, and whoever comes second is told that it is lost.
            plug.join()
            ended = station.wait()
        mount.cut()
        return ended == 0


def pulled(mount: LossyMount, station: Forked) -> None:
    """Wait until the disk has no power, then take the station's."""
    while station.poll() is None:
        try:
            next(mount.path.iterdir())
        except OSError:
            with suppress(ProcessLookupError):
                station.kill()
            return
        station.wait(0.02)
