"""Over a line that loses, doubles, delays and cuts, everything arrives once; and soon after the line is whole everybody agrees."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from sync.station import running
from tests.faults.posts import at_post, wait_for
from tests.faults.proxy import POOR, Fate, FaultProxy
from tests.faults.site import Databases, kind_of, site_under_faults, work_until

pytestmark = [pytest.mark.nightly, pytest.mark.postgres, pytest.mark.timeout(1_800)]

REQUESTS, POSTS = 10_000, 6


def test_whatever_becomes_of_requests_everything_is_done_once(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As many requests as fit: what fails is asked again at once.
    monkeypatch.setattr(running, "FIRST_WAIT_S", 0.02)
    with site_under_faults(databases, tmp_path) as site, FaultProxy(site.hub.address, seed=1) as line:
        with ExitStack() as stack:
            posts = [
                stack.enter_context(at_post(tmp_path / f"post-{n}", n, line.address, kind_of(n)))
                for n in range(1, POSTS + 1)
            ]
            wait_for(lambda: all(post.is_ready for post in posts), 20)
            line.fates = POOR
            done = work_until(posts, lambda: line.requests > REQUESTS, 1_500, pause_s=0.1)
            line.heal()
            took = site.drained(posts)
        print(f"{line.requests} requests, {done} done, agreed after {took:.1f} s: {dict(line.met)}")
        assert min(line.met[fate] for fate in Fate) > 0
        assert site.differences({str(post.number): post.path for post in posts}) == []


def test_a_connection_that_nobody_closes_holds_a_queue_no_longer_than_the_station_is_patient(
    databases: Databases, tmp_path: Path
) -> None:
    """Answers of a push are waited for 20 s, of a pull 20 s beyond the hub's own 25."""
    with site_under_faults(databases, tmp_path) as site, FaultProxy(site.hub.address, held_s=600) as line:
        with at_post(tmp_path / "post-1", 1, line.address) as post:
            wait_for(lambda: post.is_ready, 20)
            line.fates = {Fate.HALF_OPEN: 1}
            post.work()
            wait_for(lambda: line.met[Fate.HALF_OPEN], 20)
            line.heal(held=False)
            took = site.drained([post], 60)
        print(f"agreed after {took:.1f} s")
        assert site.differences({"1": post.path}) == []
