"""The power of a station that shares its site, or of its hub, goes at any moment: what was confirmed is there, once."""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from random import Random

import pytest

from sync.hub.cluster import DURABLE, Cluster, free_port
from tests.faults.posts import at_post, wait_for
from tests.faults.site import (
    Databases,
    HubProcess,
    PostgresProcess,
    PostProcess,
    SiteUnderFaults,
    kind_of,
    site_under_faults,
    work_until,
)
from tests.simulation.lossyfs import LossyMount, mounted, unavailable

CUTS = 4
IN_TEST, AT_NIGHT, SERVERS_AT_NIGHT = 1, 6, 3
"""Shifts, each cut four times."""
CHANGES = (20, 2_500)
"""How many changes of the disk after the start the power goes: while a new station loads the site, too."""
SERVERS_CUTS, SERVERS_CHANGES = 3, (50, 2_000)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.fuse,
    pytest.mark.skipif(unavailable() is not None, reason=f"no power cuts here: {unavailable()}"),
    pytest.mark.timeout(600),
]


def without_power(mount: LossyMount) -> bool:
    """Return whether a disk is cut."""
    try:
        os.listdir(mount.path)
    except OSError:
        return True
    return False


def pulled(mount: LossyMount, station: PostProcess) -> None:
    """Wait until a disk is without power, then take it from its station too."""
    try:
        wait_for(partial(without_power, mount), 120)
    finally:
        station.pull()


def live_until_cut(disk: Path, seed: int, changes: int, station: PostProcess, life: int) -> None:
    """Let a station work on a mounted disk until its power goes, which ends the station too."""
    with mounted(disk, seed=seed) as mount:
        station.folder = mount.path / f"post-{station.number}"
        station.start(life)
        mount.cut_after(changes)
        plug = threading.Thread(target=pulled, args=(mount, station))
        plug.start()
        station.works_until_it_ends()
        plug.join()


@pytest.mark.parametrize(
    "seed", [*range(IN_TEST), *(pytest.param(n, marks=pytest.mark.nightly) for n in range(IN_TEST, AT_NIGHT))]
)
def test_a_station_whose_power_goes_again_and_again_agrees_with_the_others(
    databases: Databases, tmp_path: Path, seed: int
) -> None:
    disk, chance = tmp_path / "disk", Random(seed)
    disk.mkdir()
    # A cart at one shift, a bench at the next.
    number = 3 + seed % 2
    with site_under_faults(databases, tmp_path) as site, ExitStack() as stack:
        other = stack.enter_context(at_post(tmp_path / "post-1", 1, site.hub.address))
        station = PostProcess(disk, number, site.hub.address)
        stack.callback(station.kill)
        wait_for(lambda: other.is_ready, 20)
        for life in range(CUTS):
            other.work()
            live_until_cut(disk, seed * 1_000 + life, chance.randint(*CHANGES), station, life)
        home = disk / "store" / f"post-{number}"
        back = stack.enter_context(at_post(home, number, site.hub.address, kind_of(number), load=True))
        site.drained([other, back], 40)
        print(f"{len(station.confirmed)} confirmed")

        assert station.confirmed
        assert back.incarnation() == 1, "what was told to the hub was on the disk before"
        assert set(station.confirmed) <= site.operations()
        stack.close()
        files = {"1": tmp_path / "post-1" / "station.db", str(number): home / "station.db"}
        assert site.differences(files, loaded=[str(number)]) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts a disk for somebody else")
@pytest.mark.parametrize("seed", [pytest.param(n, marks=pytest.mark.nightly) for n in range(SERVERS_AT_NIGHT)])
def test_a_hub_whose_power_goes_with_its_database_has_what_it_said_it_has(
    disk: Path, tmp_path: Path, seed: int
) -> None:
    chance, store, mount = Random(seed), disk / "store", disk / "mount"
    cluster = Cluster(store / "postgres", DURABLE)
    cluster.make()
    with cluster.running():
        name = Databases(cluster).site()
    (store / "hub").mkdir()
    owner, port = cluster.data.stat(), free_port()
    with ExitStack() as stack:
        address = HubProcess(mount / "hub", port).address
        posts = [stack.enter_context(at_post(tmp_path / f"post-{n}", n, address, kind_of(n))) for n in (1, 2)]
        for life in range(SERVERS_CUTS + 1):
            with mounted(disk, seed=seed * 1_000 + life, owner=f"{owner.st_uid}:{owner.st_gid}") as lossy:
                with a_hub(mount, name, port) as site:
                    wait_for(lambda: all(post.is_ready for post in posts), 60)
                    if life < SERVERS_CUTS:
                        lossy.cut_after(chance.randint(*SERVERS_CHANGES))
                        work_until(posts, partial(without_power, lossy), 120)
                        continue
                    took = site.drained(posts, 40)
                    done = {each.hex() for post in posts for each in post.hands.confirmed}
                    print(f"drained in {took:.1f} s; {len(done)} confirmed")
                    assert done
                    assert done <= site.operations()
                    assert site.head().epoch == 1, "what it told a station was on the disk before"
                    stack.close()
                    files = {str(n): tmp_path / f"post-{n}" / "station.db" for n in (1, 2)}
                    assert site.differences(files) == []


@pytest.fixture
def disk() -> Iterator[Path]:
    """Yield a folder where PostgreSQL may pass, which runs as somebody else."""
    with tempfile.TemporaryDirectory(prefix="dockside-power-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        yield place


@contextmanager
def a_hub(disk: Path, database: str, port: int) -> Iterator[SiteUnderFaults]:
    """Run a hub whose database and memory lie on a disk, until both are killed."""
    cluster = Cluster(disk / "postgres")
    cluster.start()
    server, hub = PostgresProcess(cluster), HubProcess(disk / "hub", port)
    try:
        site = SiteUnderFaults(Databases(cluster), database, hub)
        site.configure()
        hub.start()
        yield site
    finally:
        hub.kill()
        server.kill()
