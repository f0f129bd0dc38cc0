"""An import that ends in the middle: killed, stopped by a key, or left alone by its reader."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from core.exchange.verify import verify_all
from core.kernel.database import open_station
from core.kernel.home import Home
from tests.cli.commands import Shell, started
from tests.cli.test_import import FILES, counts, written


def bytes_of(path: Path) -> int:
    """Return a file's size, 0 for none: a log comes and goes with whoever opens the database."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def test_killed_in_the_middle_it_goes_on(nowhere: Shell, tmp_path: Path) -> None:
    for kind in ("items", "locations"):
        nowhere("import", kind, written(tmp_path, kind, FILES[kind]))
    head = FILES["orders"].splitlines()[0]
    lines = "".join(f"web,{n},1,MUG,1,2025-12-16T09:00:00,Ann\n" for n in range(12_000))
    path = written(tmp_path, "orders", f"{head}\n{lines}")
    watched = nowhere.home / "station.db-wal"
    empty = bytes_of(watched)
    process = started(("import", "orders", path), nowhere.home, start_new_session=True)
    # A commit is in the log once the log has grown and stands still: a kill in the middle of the first leaves nothing.
    before, grown = empty, empty
    while process.poll() is None and not (grown >= empty + 400_000 and grown == before):
        Event().wait(0.02)
        before, grown = grown, bytes_of(watched)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL

    said = nowhere("import", "orders", path, "--json")

    imported, unchanged, rejected = counts(said)
    assert imported > 0
    assert unchanged > 0
    assert (imported + unchanged, rejected) == (12_000, 0)
    place = Home(nowhere.home)
    database = open_station(place.database, place.key())
    with database.reading() as connection:
        assert verify_all(connection) == ()
    database.dispose()


@pytest.fixture
def _key_is_heard() -> Iterator[None]:
    """Let what is started hear the key that stops it: where the tests run behind others, it is taken from all of them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def long_import(_key_is_heard: None, nowhere: Shell, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Yield an import that is under way, its file read by a process of its own."""
    nowhere("import", "items", written(tmp_path, "items", FILES["items"]))
    head = FILES["orders"].splitlines()[0]
    lines = "".join(f"web,{n},1,MUG,1,2025-12-16T09:00:00,Ann\n" for n in range(40_000))
    process = started(
        ("import", "orders", written(tmp_path, "orders", f"{head}\n{lines}")), nowhere.home, start_new_session=True
    )
    watched = nowhere.home / "station.db-wal"
    while process.poll() is None and bytes_of(watched) < 1_000_000:
        Event().wait(0.01)
    yield process
    process.kill()
    process.communicate()


def test_a_key_that_stops_it_leaves_one_sentence_and_what_was_imported(
    long_import: "subprocess.Popen[str]", nowhere: Shell
) -> None:
    os.killpg(long_import.pid, signal.SIGINT)
    out, err = long_import.communicate(timeout=60)

    assert (long_import.returncode, out) == (130, "")
    assert [line for line in err.splitlines() if "lines read" not in line] == [
        "dockside: stopped; what was done stays done"
    ]
    assert nowhere("verify").out == "Everything adds up.\n"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes as Linux shows them")
def test_a_reader_that_is_killed_is_told_and_what_was_imported_stays(
    long_import: "subprocess.Popen[str]", nowhere: Shell
) -> None:
    children = Path(f"/proc/{long_import.pid}/task/{long_import.pid}/children").read_text(encoding="ascii").split()
    readers = [
        child for child in children if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8")
    ]
    assert len(readers) == 1
    os.kill(int(readers[0]), signal.SIGKILL)
    _, err = long_import.communicate(timeout=60)

    assert long_import.returncode == 2
    assert err.splitlines()[-1] == "dockside: orders.csv: was not read to its end: its reader ended"
    assert nowhere("verify").out == "Everything adds up.\n"
