"""The lossy file system keeps what was synced, loses the rest in every nasty way, and SQLite at FULL survives it."""

import errno
import fcntl
import mmap
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from tests.simulation.lossyfs import SECTOR_BYTES, Disk, Write, mounted, sectors, unavailable
from tests.simulation.numbered_commits import DISK_FAILED, connect

SEEDS = range(60)
ROUNDS = 8
COMMITS = 60
CHILD_SECONDS = 60

needs_fuse = [
    pytest.mark.fuse,
    pytest.mark.skipif(unavailable() is not None, reason=f"no power cuts here: {unavailable()}"),
    pytest.mark.timeout(180),
]


# The model


def disk(store: Path, seed: int = 0, *, lying: bool = False) -> Disk:
    store.mkdir(exist_ok=True)
    return Disk(store, seed, lying=lying)


def write(to: Disk, path: str, data: bytes, offset: int = 0, *, sync: bool = False) -> None:
    handle = to.open(path) if path[1:] in to.names("/") else to.create(path, 0o644)
    to.write(handle, data, offset)
    if sync:
        to.sync(handle)
    to.release(handle)


def left(store: Path) -> dict[str, bytes]:
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in store.rglob("*") if path.is_file()}


def after_cuts(folder: Path, play: Callable[[Disk], None]) -> Iterator[dict[str, bytes]]:
    """Give what is left after the same play and a cut, for many seeds."""
    for seed in SEEDS:
        model = disk(folder / str(seed), seed)
        play(model)
        model.cut()
        yield left(folder / str(seed))


def test_what_was_synced_is_left_by_every_cut(tmp_path: Path) -> None:
    def play(model: Disk) -> None:
        write(model, "/a", b"A" * 5000, sync=True)
        write(model, "/b", b"B" * 5000)

    assert all(files["a"] == b"A" * 5000 for files in after_cuts(tmp_path, play))


def test_an_unsynced_write_is_kept_lost_or_torn_between_sectors(tmp_path: Path) -> None:
    def play(model: Disk) -> None:
        write(model, "/a", b"A" * 4096, sync=True)
        write(model, "/a", b"B" * 4096)

    outcomes = {files["a"] for files in after_cuts(tmp_path, play)}
    assert {b"A" * 4096, b"B" * 4096} < outcomes
    for outcome in outcomes:
        pieces = [outcome[at : at + SECTOR_BYTES] for at in range(0, 4096, SECTOR_BYTES)]
        assert all(piece in (b"A" * SECTOR_BYTES, b"B" * SECTOR_BYTES) for piece in pieces)


def test_unsynced_writes_reach_the_platter_in_any_order(tmp_path: Path) -> None:
    def play(model: Disk) -> None:
        write(model, "/a", b"-" * 1024, sync=True)
        write(model, "/a", b"1" * 512, offset=0)
        write(model, "/a", b"2" * 512, offset=512)

    outcomes = {files["a"][:1] + files["a"][512:513] for files in after_cuts(tmp_path, play)}
    assert outcomes == {b"--", b"1-", b"-2", b"12"}


def test_a_later_write_may_be_undone_by_an_earlier_one(tmp_path: Path) -> None:
    def play(model: Disk) -> None:
        write(model, "/a", b"1" * 512, sync=True)
        write(model, "/a", b"2" * 1024)
        write(model, "/a", b"3" * 512)

    # 3 lies under 2 only if both were written and 2 was the later one; the length tells that 2 was written at all.
    assert b"2" * 1024 in {files["a"] for files in after_cuts(tmp_path, play)}


def test_a_new_file_without_any_sync_may_be_missing_or_empty(tmp_path: Path) -> None:
    outcomes = {files.get("a") for files in after_cuts(tmp_path, lambda model: write(model, "/a", b"A" * 10))}
    assert {None, b"", b"A" * 10} <= outcomes


def test_syncing_the_directory_keeps_the_name_but_not_the_content(tmp_path: Path) -> None:
    def play(model: Disk) -> None:
        write(model, "/a", b"A" * 10)
        model.sync("/")

    assert {files["a"] for files in after_cuts(tmp_path, play)} == {b"", b"A" * 10}


def test_syncing_a_file_keeps_its_name_and_the_directories_above(tmp_path: Path) -> None:
    def play(model: Disk) -> None:
        model.make_directory("/d", 0o755)
        handle = model.create("/d/a", 0o644)
        model.write(handle, b"A", 0)
        model.sync(handle)

    assert all(files == {"d/a": b"A"} for files in after_cuts(tmp_path, play))


@pytest.mark.parametrize("synced", [False, True])
def test_a_rename_is_whole_and_lasts_only_with_its_directory(tmp_path: Path, synced: bool) -> None:
    def play(model: Disk) -> None:
        write(model, "/key", b"old", sync=True)
        write(model, "/key.new", b"new", sync=True)
        model.rename("/key.new", "/key")
        if synced:
            model.sync("/")

    outcomes = [tuple(sorted(files.items())) for files in after_cuts(tmp_path, play)]
    done, undone = (("key", b"new"),), (("key", b"old"), ("key.new", b"new"))
    assert set(outcomes) == ({done} if synced else {done, undone})


def test_names_change_in_order(tmp_path: Path) -> None:
    def play(model: Disk) -> None:
        write(model, "/1", b"", sync=True)
        model.rename("/1", "/2")
        model.make_directory("/d", 0o755)
        model.rename("/2", "/d/3")
        model.rename("/d", "/e")
        model.remove("/e/3")

    outcomes = {tuple(files) for files in after_cuts(tmp_path, play)}
    assert outcomes == {("1",), ("2",), ("d/3",), ("e/3",), ()}


def test_an_unsynced_truncation_may_not_have_happened(tmp_path: Path) -> None:
    def play(model: Disk) -> None:
        write(model, "/a", b"A" * 10, sync=True)
        model.truncate("/a", 4)

    assert {files["a"] for files in after_cuts(tmp_path, play)} == {b"A" * 10, b"A" * 4}


def test_a_lying_disk_keeps_nothing_for_sure(tmp_path: Path) -> None:
    outcomes = set()
    for seed in SEEDS:
        model = disk(tmp_path / str(seed), seed, lying=True)
        write(model, "/a", b"A", sync=True)
        model.cut()
        outcomes.add(left(tmp_path / str(seed)).get("a"))
    assert outcomes == {None, b"", b"A"}


def test_after_the_cut_nothing_works_and_nothing_changes(tmp_path: Path) -> None:
    model = disk(tmp_path / "store")
    write(model, "/a", b"A", sync=True)
    handle = model.open("/a")
    model.cut()
    before = left(tmp_path / "store")
    for call in (
        lambda: model.write(handle, b"B", 0),
        lambda: model.read(handle, 1, 0),
        lambda: model.sync(handle),
        lambda: model.sync("/"),
        lambda: model.create("/b", 0o644),
        lambda: model.rename("/a", "/b"),
        lambda: model.remove("/a"),
        lambda: model.open("/a"),
        lambda: model.truncate("/a", 0),
    ):
        with pytest.raises(OSError, match="no power") as caught:
            call()
        assert caught.value.errno == errno.EIO
    model.cut()
    model.shut_down()
    assert left(tmp_path / "store") == before == {"a": b"A"}


def test_the_power_goes_with_the_change_that_was_named(tmp_path: Path) -> None:
    model = disk(tmp_path / "store")
    write(model, "/a", b"A", sync=True)
    control = model.open("/.lossyfs")
    model.write(control, b"2\n", 0)
    handle = model.open("/a")
    model.write(handle, b"B", 0)
    assert not model.is_cut
    with pytest.raises(OSError, match="no power"):
        model.sync(handle)
    assert model.is_cut


def test_a_clean_end_leaves_everything_for_the_next_time(tmp_path: Path) -> None:
    model = disk(tmp_path / "store")
    write(model, "/a", b"A")
    model.make_directory("/d", 0o755)
    model.rename("/a", "/d/a")
    model.shut_down()
    again = disk(tmp_path / "store")
    assert again.names("/d") == ["a"]
    assert again.read(again.open("/d/a"), 10, 0) == b"A"


def test_an_unlinked_file_lives_as_long_as_it_is_open(tmp_path: Path) -> None:
    model = disk(tmp_path / "store")
    handle = model.create("/a", 0o644)
    model.remove("/a")
    model.write(handle, b"A", 0)
    model.sync(handle)
    assert model.read(handle, 1, 0) == b"A"
    model.cut()
    assert left(tmp_path / "store") == {}


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=3000))
def test_sectors_make_up_the_write_and_none_crosses_an_edge(offset: int, data: bytes) -> None:
    pieces = sectors(Write(offset, data))
    assert b"".join(piece.data for piece in pieces) == data
    assert [piece.offset for piece in pieces] == [offset, *range((offset // 512 + 1) * 512, offset + len(data), 512)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "write", "truncate", "sync"]), st.integers(0, 3000), st.integers(1, 1500)
    ),
    max_size=12,
)


@settings(deadline=None)
@given(STEPS, st.integers(0, 2**32))
def test_every_byte_that_is_left_was_synced_or_written_since(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("disk")
    model = disk(folder, seed)
    handle = model.create("/a", 0o644)
    model.sync(handle)
    allowed: list[set[int]] = []
    touched = False
    for number, (what, offset, size) in enumerate(steps, start=1):
        if what == "sync":
            model.sync(handle)
            allowed = [{byte} for byte in model.read(handle, 10_000, 0)]
            touched = False
            continue
        touched = True
        if what == "truncate":
            model.truncate(handle, offset)
        else:
            model.write(handle, bytes([number]) * size, offset)
        end = offset if what == "truncate" else offset + size
        allowed += [{0} for _ in range(end - len(allowed))]
        for at, byte in enumerate(model.read(handle, 10_000, 0)):
            allowed[at] |= {0, byte}
    model.cut()
    content = left(folder)["a"]
    assert len(content) <= len(allowed)
    assert all(byte in allowed[at] for at, byte in enumerate(content))
    assert touched or [{byte} for byte in content] == allowed


# Through the kernel


class TestMounted:
    pytestmark = needs_fuse

    def test_programs_see_an_ordinary_file_system(self, tmp_path: Path) -> None:
        with mounted(tmp_path, seed=1) as mount:
            home = mount.path
            (home / "d").mkdir()
            (home / "d" / "big").write_bytes(b"x" * 300_000)
            (home / "a").write_text("hello")
            (home / "a").rename(home / "d" / "b")
            assert sorted(path.name for path in (home / "d").iterdir()) == ["b", "big"]
            assert (home / "d" / "b").read_text() == "hello"
            with (home / "d" / "big").open("r+b") as big:
                big.truncate(1000)
                big.seek(2000)
                big.write(b"end")
            assert (home / "d" / "big").read_bytes() == b"x" * 1000 + bytes(1000) + b"end"
            with pytest.raises(OSError, match="not empty"):
                (home / "d").rmdir()
            (home / "d" / "b").unlink()
            (home / "d" / "big").unlink()
            (home / "d").rmdir()
            with pytest.raises(FileNotFoundError):
                (home / "d" / "b").read_text()
            assert os.statvfs(home).f_bavail > 0
            assert list(home.iterdir()) == []

    def test_locks_and_shared_memory_work(self, tmp_path: Path) -> None:
        with mounted(tmp_path, seed=1) as mount, (mount.path / "shm").open("w+b") as file:
            file.truncate(mmap.PAGESIZE)
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with mmap.mmap(file.fileno(), mmap.PAGESIZE) as one, mmap.mmap(file.fileno(), mmap.PAGESIZE) as two:
                one[:5] = b"hello"
                assert two[:5] == b"hello"
                one.flush()
            file.seek(0)
            assert file.read(5) == b"hello"

    def test_a_cut_fails_every_call_and_leaves_what_was_synced(self, tmp_path: Path) -> None:
        with mounted(tmp_path, seed=1) as mount:
            with (mount.path / "a").open("wb", buffering=0) as file:
                file.write(b"A" * 5000)
                os.fsync(file.fileno())
                mount.cut()
                with pytest.raises(OSError, match="Input/output error"):
                    file.write(b"B" * 5000)
            with pytest.raises(OSError, match="Input/output error"):
                (mount.path / "b").write_bytes(b"B")
            mount.cut()
            assert left(mount.store) == {"a": b"A" * 5000}
        assert not mount.path.is_mount()
        assert left(mount.store) == {"a": b"A" * 5000}

    def test_an_unmount_without_a_cut_keeps_everything(self, tmp_path: Path) -> None:
        with mounted(tmp_path, seed=1) as mount:
            (mount.path / "a").write_bytes(b"A")
        with mounted(tmp_path, seed=2) as mount:
            assert (mount.path / "a").read_bytes() == b"A"


def committed(mount_folder: Path, seed: int, first: int, synchronous: str, *, lying: bool = False) -> list[int]:
    """Commit numbers until the power goes at a point that the seed decides; return those that were acknowledged."""
    with mounted(mount_folder, seed=seed, lying=lying) as mount:
        mount.cut_after(random.Random(seed).randint(5, 6 * COMMITS))
        arguments = [str(mount.path / "station.db"), synchronous, str(first), str(COMMITS)]
        child = subprocess.run(
            [sys.executable, "-m", "tests.simulation.numbered_commits", *arguments],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=CHILD_SECONDS,
            check=False,
        )
        mount.cut()
    assert child.returncode in (0, DISK_FAILED), child.stderr
    return [int(word) for word in child.stdout.split()]


def stored(database: Path) -> set[int]:
    """Return the numbers in what a cut left, after SQLite has recovered it and found it sound.

    Raises:
        dbapi2.DatabaseError: It is not sound.
    """
    connection = connect(str(database), "FULL")
    try:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise dbapi2.DatabaseError("integrity_check")
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            return set()
        return {number for (number,) in connection.execute("SELECT number FROM numbered")}
    finally:
        connection.close()


class TestSqlite:
    pytestmark = needs_fuse

    def test_no_acknowledged_commit_is_lost_at_full(self, tmp_path: Path) -> None:
        promised: set[int] = set()
        failed_rounds = 0
        for seed in range(ROUNDS):
            acknowledged = committed(tmp_path, seed, seed * COMMITS, "FULL")
            promised |= set(acknowledged)
            failed_rounds += len(acknowledged) < COMMITS
            found = stored(tmp_path / "store" / "station.db")
            assert promised <= found, f"seed {seed}"
            # One more than promised may be there: the commit whose answer the power took.
            assert len(found - promised) <= 1, f"seed {seed}"
            promised = found
        assert failed_rounds >= ROUNDS // 2

    @pytest.mark.parametrize(("synchronous", "lying"), [("NORMAL", False), ("OFF", False), ("FULL", True)])
    def test_without_real_syncs_acknowledged_commits_are_lost(
        self, tmp_path: Path, synchronous: str, lying: bool
    ) -> None:
        losses = 0
        for seed in range(ROUNDS):
            folder = tmp_path / str(seed)
            folder.mkdir()
            promised = set(committed(folder, seed, 0, synchronous, lying=lying))
            try:
                losses += not promised <= stored(folder / "store" / "station.db")
            except dbapi2.DatabaseError:
                losses += 1
        assert losses > 0
