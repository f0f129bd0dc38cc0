"""Files that were put back or copied, and a centre that was: each finds out before it does anything, and nothing is lost or twice."""

import shutil
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.cases.model import CaseKind
from core.kernel.migrate import backup
from core.kernel.refusal import Refusal
from core.rights.model import StationStatus
from sync.station.running import OTHER_FILE
from tests.faults.posts import Post, at_post, wait_for
from tests.faults.site import Databases, PostProcess, SiteUnderFaults, kind_of, site_under_faults
from tests.simulation.dst import outside
from tests.simulation.dst.books import Books

pytestmark = [pytest.mark.nightly, pytest.mark.postgres, pytest.mark.timeout(900)]


def copy_of(post: Post, target: Path) -> Path:
    """Copy a station's folder while it works, as a backup program does."""
    target.mkdir(parents=True)
    with post.bench.database.connect() as connection:
        backup(connection, target / "station.db")
    shutil.copy(post.path.with_name("station.witness"), target / "station.witness")
    return target


def books(site: SiteUnderFaults) -> Books:
    return Books(site.place.replace("postgresql+psycopg", "postgresql"), {})


@pytest.mark.parametrize("seed", range(5))
def test_a_station_that_was_put_back_finds_out_and_goes_on_with_nothing_lost(
    databases: Databases, tmp_path: Path, seed: int
) -> None:
    with site_under_faults(databases, tmp_path) as site, ExitStack() as stack:
        other = stack.enter_context(at_post(tmp_path / "post-3", 3, site.hub.address, seed=seed))
        with at_post(tmp_path / "post-1", 1, site.hub.address, seed=seed) as post:
            wait_for(lambda: post.is_ready and other.is_ready, 30)
            for _ in range(10 + seed * 5):
                post.work()
            kept = copy_of(post, tmp_path / "kept")
            for _ in range(1 + seed * 7):
                post.work()
                other.work()
            if seed % 2:
                site.drained([post, other])
            done = {each.hex() for each in post.hands.confirmed}
        there = site.operations()
        for each in (tmp_path / "post-1").glob("station.db*"):
            each.unlink()
        shutil.copy(kept / "station.db", tmp_path / "post-1" / "station.db")

        with at_post(tmp_path / "post-1", 1, site.hub.address, seed=seed + 100) as post:
            command = post._walk()
            if command is not None and post.incarnation() == 1:
                refused = post.bench.try_run(command)
                assert isinstance(getattr(refused, "refusal", None), Refusal), "it claims nothing before it is sure"
            wait_for(lambda: post.incarnation() == 2, 30, lambda: list(post.heard)[-5:])
            for _ in range(10):
                post.note()
            site.at_rest([post, other], 30)
            assert {each.hex() for each in post.hands.confirmed} | (done & there) <= site.operations()
        stack.close()
        files = {str(n): tmp_path / f"post-{n}" / "station.db" for n in (1, 3)}
        assert site.differences(files, forgot=True) == []


def test_of_two_living_copies_no_more_than_one_goes_on(databases: Databases, tmp_path: Path) -> None:
    """One is a process of its own in the copied folder; whatever either confirmed is kept, and both are known."""
    with site_under_faults(databases, tmp_path) as site, ExitStack() as stack:
        post = stack.enter_context(at_post(tmp_path / "post-1", 1, site.hub.address))
        wait_for(lambda: post.is_ready, 30)
        for _ in range(20):
            post.work()
        site.drained([post])
        twin = PostProcess(copy_of(post, tmp_path / "twin"), 1, site.hub.address)
        stack.callback(twin.kill)
        twin.start(1)
        twin.works(5)
        deadline = time.monotonic() + 120

        def stopped() -> bool:
            post.note()
            return any(each.reason == OTHER_FILE for each in post.heard) or status(site) is StationStatus.FROZEN

        while not stopped():
            assert time.monotonic() < deadline, list(post.heard)[-5:]
            time.sleep(0.1)
        twin.kill()
        with books(site) as found:
            central = found.central()
            assert CaseKind.STATION_TWICE.value in {row["kind"] for row in central.rows("exception_case")}
            assert list(outside.feed_without_gaps(central)) == []
            assert list(outside.ledger_adds_up(central, "hub")) == []
            assert list(outside.units_once(central)) == []


def status(site: SiteUnderFaults) -> StationStatus:
    with books(site) as found:
        row = next(each for each in found.central().rows("site_station") if bytes.fromhex(each["id"]).endswith(b"1"))
    return StationStatus(row["status"])


@pytest.mark.parametrize("seed", range(3))
def test_a_centre_that_was_put_back_hears_everybody_and_nothing_is_lost(
    databases: Databases, tmp_path: Path, seed: int
) -> None:
    with site_under_faults(databases, tmp_path) as site, ExitStack() as stack:
        posts = [
            stack.enter_context(at_post(tmp_path / f"post-{n}", n, site.hub.address, kind_of(n), seed=seed))
            for n in (1, 2, 3)
        ]
        wait_for(lambda: all(post.is_ready for post in posts), 30)
        for _ in range(10):
            for post in posts:
                post.work()
        site.hub.kill()
        kept = databases.copy(site.database)
        site.hub.start()
        for _ in range(20 + seed * 20):
            for post in posts:
                post.work()
        if seed:
            site.drained(posts, 30)
        site.hub.kill()
        site.database = databases.copy(kept)
        site.configure(restored=True)
        site.hub.start()
        for _ in range(10):
            for post in posts:
                post.work()
        took = site.drained(posts, 60)
        print(f"agreed {took:.1f} s after the centre was put back")
        confirmed = {each.hex() for post in posts for each in post.hands.confirmed}
        assert confirmed <= site.operations()
        stack.close()
        assert site.differences({str(post.number): post.path for post in posts}, forgot=True) == []
