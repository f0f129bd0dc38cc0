"""A station whose clock is wrong by years, jumps, or stands still in its sleep is refused nothing and loses no right."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.faults.posts import YEAR_MS, MovedClock, at_post, wait_for
from tests.faults.site import Databases, PostProcess, SiteUnderFaults, kind_of, site_under_faults
from tests.simulation.dst.books import Books, Row

pytestmark = [pytest.mark.nightly, pytest.mark.postgres, pytest.mark.timeout(900)]

HOUR_MS, MINUTE_NS = 3_600_000, 60_000_000_000
POSTS, STEPS, TIMES = 6, 40, 6
"""Stations, jumps of their clocks, and how often each does something between two."""


def rows(site: SiteUnderFaults, table: str) -> list[Row]:
    with Books(site.place.replace("postgresql+psycopg", "postgresql"), {}) as books:
        return books.central().rows(table)


def assert_no_clock_mattered(site: SiteUnderFaults) -> None:
    """Every upload was taken, in the order of its station, and work is where it was given."""
    outcomes = Counter(row["outcome"] for row in rows(site, "operation_receipt"))
    assert set(outcomes) <= {"applied", "applied_with_exception"}, outcomes
    assert {row["state"] for row in rows(site, "work_lease")} <= {"held", "closed"}


def test_clocks_that_jump_by_years_hours_and_sleeps_change_nothing(databases: Databases, tmp_path: Path) -> None:
    chance = Random(POSTS)
    with site_under_faults(databases, tmp_path) as site, ExitStack() as stack:
        clocks = [MovedClock(chance.randint(-20, 20) * YEAR_MS) for _ in range(POSTS)]
        posts = [
            stack.enter_context(at_post(tmp_path / f"post-{n}", n, site.hub.address, kind_of(n), clock=clock))
            for n, clock in enumerate(clocks, 1)
        ]
        wait_for(lambda: all(post.is_ready for post in posts), 30)
        for _ in range(STEPS):
            for clock in clocks:
                match chance.randrange(4):
                    case 0:
                        clock.wrong_ms = chance.randint(-20 * YEAR_MS, 20 * YEAR_MS)
                    case 1:
                        # Summer time, where somebody keeps the machine's clock by the wall.
                        clock.wrong_ms += chance.choice((-1, 1)) * HOUR_MS
                    case 2:
                        clock.slept_ns += chance.randint(1, 600) * MINUTE_NS
                    case _:
                        pass
            for _ in range(TIMES):
                for post in posts:
                    post.work()
        site.drained(posts, 30)
        stack.pop_all().close()
        assert_no_clock_mattered(site)
    assert len({row["device_ms"] // YEAR_MS for row in rows(site, "op_log")}) > 10, (
        "what a clock said is kept as it was"
    )
    assert site.differences({str(post.number): post.path for post in posts}) == []


def faketime() -> str | None:
    """Return the library that lies to a process about the time; None where it is not installed."""
    return next(map(str, Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


@pytest.mark.skipif(faketime() is None, reason="libfaketime is not installed: no process under a wrong clock here")
@pytest.mark.parametrize("wrong", ["-20y", "+20y x3"])
def test_a_process_whose_machine_is_wrong_about_the_time_is_refused_nothing(
    databases: Databases, tmp_path: Path, wrong: str
) -> None:
    lies = {"LD_PRELOAD": faketime() or "", "FAKETIME": wrong, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with site_under_faults(databases, tmp_path) as site, ExitStack() as stack:
        doomed = PostProcess(tmp_path / "post-1", 1, site.hub.address, env=lies)
        stack.callback(doomed.kill)
        doomed.start(1)
        doomed.works(60)
        doomed.kill()
        with at_post(tmp_path / "post-1", 1, site.hub.address) as post:
            site.drained([post], 30)
        assert set(doomed.confirmed) <= site.operations()
        assert_no_clock_mattered(site)
        assert site.differences({"1": tmp_path / "post-1" / "station.db"}, loaded=["1"]) == []
