"""Hub, station and database are killed in the middle of whatever they do: nothing is lost, nothing twice, and all go on by themselves."""

from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sync.station import running
from tests.faults.posts import YEAR_MS, MovedClock, at_post, wait_for
from tests.faults.proxy import POOR, FaultProxy, Seen, body_of
from tests.faults.site import Databases, PostgresProcess, PostProcess, kind_of, site_under_faults, work_until

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(1_800)]

WORKED = (1, 12)
"""How much somebody did before one of them is killed."""


def receipts(message: bytes) -> Any:
    return body_of(message)["receipts"]


@pytest.mark.parametrize(
    ("requests", "hubs", "stations", "servers"),
    [(100, 1, 0, 1), pytest.param(0, 40, 60, 10, marks=pytest.mark.nightly)],
)
def test_whoever_is_killed_everything_is_done_once(
    databases: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    requests: int,
    hubs: int,
    stations: int,
    servers: int,
) -> None:
    """In `make test` with wrong clocks and a poor line before it: the rest of the matrix, as far as it is cheap."""
    chance = Random(hubs)
    victims = ["hub"] * hubs + ["station"] * stations + ["postgres"] * servers
    chance.shuffle(victims)
    restarts: dict[str, list[float]] = {each: [] for each in victims}
    postgres = PostgresProcess(databases.cluster)
    with site_under_faults(databases, tmp_path) as site, FaultProxy(site.hub.address) as line, ExitStack() as stack:
        clock = MovedClock(wrong_ms=-20 * YEAR_MS)
        post = stack.enter_context(at_post(tmp_path / "post-1", 1, line.address, clock=clock))
        doomed = PostProcess(tmp_path / "post-3", 3, line.address)
        stack.callback(doomed.kill)
        doomed.start(0)
        if stations:
            # In the middle of loading, where it is not through already.
            doomed.kill()
            doomed.start(1)
        wait_for(lambda: post.is_ready, 20)
        if requests:
            line.fates = POOR
            # As many as fit: what fails is asked again at once.
            with monkeypatch.context() as quick:
                quick.setattr(running, "FIRST_WAIT_S", 0.02)
                work_until([post], lambda: line.requests > requests, 120)
            line.heal()
            site.drained([post])
        clock.wrong_ms = 20 * YEAR_MS
        for life, victim in enumerate(victims, 2):
            for _ in range(chance.randint(*WORKED)):
                post.work()
            doomed.works(chance.randint(*WORKED))
            match victim:
                case "hub":
                    site.hub.kill()
                    post.work()
                    restarts[victim].append(site.hub.start())
                case "station":
                    doomed.kill()
                    doomed.start(life)
                case _:
                    postgres.kill()
                    post.work()
                    restarts[victim].append(postgres.start())
        doomed.kill()
        restarts["station"] = doomed.took
        # Killed too, in the middle of something, and goes on here.
        other = stack.enter_context(at_post(tmp_path / "post-3", 3, line.address, kind_of(3)))
        took = site.drained([post, other], 40)
        print(
            f"drained in {took:.1f} s; restarts at most", {who: round(max(all_), 1) for who, all_ in restarts.items()}
        )
        assert line.pushes
        for seen in line.pushes:
            assert receipts(line.again(Seen(seen.request, b""))) == receipts(seen.answer)
        there = site.operations()
        assert set(doomed.confirmed) | {each.hex() for each in post.hands.confirmed} <= there
        stack.close()
        files = {str(n): tmp_path / f"post-{n}" / "station.db" for n in (1, 3)}
        assert site.differences(files, loaded=["3"]) == []
