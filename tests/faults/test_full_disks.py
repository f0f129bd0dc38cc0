"""A disk that is full or may not be written: nothing is confirmed that was not committed, it is said in words, and it goes on."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from core.kernel.database import DatabaseFault
from core.kernel.executor import Done
from core.kernel.home import Home, HomeFault
from core.kernel.operations import Operation
from sync.hub.cluster import Cluster
from sync.station.running import DISK, UNREACHABLE
from tests.faults.posts import Post, at_post, wait_for
from tests.faults.site import Databases, site_under_faults

MIB = 1024 * 1024
NOBODY = "http://127.0.0.1:9"
"""Where no hub answers."""


def unavailable() -> str | None:
    """Return why no small disk can be had here; None where one can."""
    return None if hasattr(os, "geteuid") and os.geteuid() == 0 else "mounting a small disk needs root"


pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(unavailable() is not None, reason=f"no full disks here: {unavailable()}"),
]


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount an empty disk of so many bytes."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "dockside", str(folder)], capture_output=True, check=False,
        text=True,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, left: int = 0) -> Path:
    """Put something onto a disk that leaves so many bytes, and return it.

    Somebody else may take room in the same moment: what is not there is asked for by halves.
    """
    ballast = disk / "ballast"
    at, halves = 0, 0
    with ballast.open("wb") as file:
        while (piece := (_room(disk) - left) >> halves) > 0:
            try:
                os.posix_fallocate(file.fileno(), at, piece)
            except OSError as e:
                if e.errno != errno.ENOSPC:
                    raise
                halves += 1
            else:
                at += piece
    return ballast


def _room(disk: Path) -> int:
    free = os.statvfs(disk)
    return free.f_bavail * free.f_bsize


def log_of(post: Post) -> set[bytes]:
    return {each.id for each in post.bench.all(Operation)}


def work_until_refused(post: Post) -> DatabaseFault:
    for _ in range(5_000):
        try:
            post.note()
        except DatabaseFault as e:
            return e
    raise AssertionError("the disk was never full")


def test_a_station_whose_disk_is_full_confirms_nothing_says_so_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 12 * MIB) as disk:
        with at_post(disk / "post", 1, NOBODY) as post:
            assert isinstance(post.note(), Done)
            ballast = fill(disk, 200_000)
            fault = work_until_refused(post)
            confirmed = list(post.hands.confirmed)
            assert "full" in str(fault)
            assert log_of(post) == set(confirmed)
            ballast.unlink()
            assert isinstance(post.note(), Done)
            assert len(log_of(post)) == len(confirmed) + 1
        with at_post(disk / "post", 1, NOBODY) as post:
            assert len(log_of(post)) == len(confirmed) + 1

        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(HomeFault, match="cannot be written: Read-only"), Home(disk / "post").lock():
            pass


@pytest.mark.nightly
@pytest.mark.postgres
def test_what_comes_from_the_hub_waits_for_room_at_the_station(databases: Databases, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 24 * MIB) as disk, site_under_faults(databases, tmp_path) as site:
        with (
            at_post(disk / "post", 1, site.hub.address) as post,
            at_post(tmp_path / "other", 3, site.hub.address) as other,
        ):
            wait_for(lambda: post.is_ready and other.is_ready, 30)
            ballast = fill(disk)
            work_until_refused(post)
            for _ in range(20):
                other.work()
            wait_for(lambda: any(each.reason == DISK for each in post.heard), 60, lambda: list(post.heard)[-3:])
            assert any("full" in each.words for each in post.heard if each.reason == DISK)
            ballast.unlink()
            site.drained([post, other], 40)
        assert site.differences({"1": disk / "post" / "station.db", "3": other.path}) == []


@pytest.mark.nightly
@pytest.mark.postgres
def test_a_hub_whose_database_has_no_room_confirms_nothing_says_so_and_goes_on_once_there_is(tmp_path: Path) -> None:
    # Not under the test's own folder: whoever runs the server must be able to pass.
    with (
        tempfile.TemporaryDirectory(prefix="dockside-faults-") as base,
        small_disk(Path(base) / "disk", 400 * MIB) as disk,
    ):
        Path(base).chmod(0o755)
        cluster = Cluster(disk / "postgres")
        cluster.make()
        cluster.start()
        try:
            _full_and_free_again(Databases(cluster), disk, tmp_path)
        finally:
            cluster.stop()


def _full_and_free_again(databases: Databases, disk: Path, folder: Path) -> None:
    with site_under_faults(databases, folder) as site, at_post(folder / "post-1", 1, site.hub.address) as post:
        wait_for(lambda: post.is_ready, 30)
        site.drained([post])
        post.heard.clear()
        ballast = fill(disk)
        refused: list[str] = []

        def is_refused() -> bool:
            for _ in range(20):
                post.note()
            refused[:] = [each.words for each in post.heard if each.engine == "push" and not each.working]
            return bool(refused)

        wait_for(is_refused, 120)
        assert any("No space left" in each or "does not answer" in each for each in refused), refused
        assert {each.reason for each in post.heard if not each.working} == {UNREACHABLE}
        settled = len(log_of(post)) - post.unsettled()
        assert settled < len(post.hands.confirmed), "what the hub did not take waits here"
        httpx.get(f"{site.hub.address}/v1/status", trust_env=False, timeout=30)
        ballast.unlink()
        took = site.drained([post], 60)
        print(f"refused with {refused[-1]!r}, agreed {took:.1f} s after there was room")
    assert site.differences({"1": post.path}) == []
