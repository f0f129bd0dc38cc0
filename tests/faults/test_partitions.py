"""A network that is cut one way, either way, or again and again leaves no queue stuck: once it is whole, everybody agrees."""

import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.faults.network import Cut, Network, unavailable
from tests.faults.posts import at_post, wait_for
from tests.faults.site import WHOLE_S, Databases, kind_of, site_under_faults

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.postgres,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(unavailable() is not None, reason=f"no networks to cut here: {unavailable()}"),
]

ROUNDS, POSTS = 30, 6
LONGEST_S = 10.0
STUCK_S = 3 * WHOLE_S
"""After which a queue counts as stuck: what was on its way is sent again by the network itself, after up to as long as it was cut."""


def test_no_queue_is_stuck_after_a_cut(databases: Databases, tmp_path: Path) -> None:
    chance = Random(ROUNDS)
    took: list[float] = []
    with Network() as network, ExitStack() as stack:
        site = stack.enter_context(site_under_faults(databases, tmp_path, "0.0.0.0", network.at_the_hub))
        posts = [
            stack.enter_context(
                at_post(tmp_path / f"post-{n}", n, f"http://{network.address(n)}:{site.hub.port}", kind_of(n))
            )
            for n in range(1, POSTS + 1)
        ]
        wait_for(lambda: all(post.is_ready for post in posts), 30)
        for each in range(ROUNDS):
            end, flaps = time.monotonic() + chance.uniform(0, LONGEST_S), each % 3 == 0
            cut_at = 0.0
            while time.monotonic() < end:
                if time.monotonic() >= cut_at:
                    for post in posts:
                        network.cut(post.number, chance.choice(list(Cut)))
                    cut_at = time.monotonic() + (chance.uniform(0, 2) if flaps else LONGEST_S)
                for post in posts:
                    post.work()
                time.sleep(0.1)
            network.heal()
            took.append(site.drained(posts, 2 * STUCK_S))
        took.sort()
        print(f"{ROUNDS} cuts, agreed after {took[len(took) // 2]:.1f} s, the slowest after {took[-1]:.1f} s")
        stack.pop_all().close()
        assert took[len(took) // 2] <= WHOLE_S
        assert took[-1] <= STUCK_S
    assert site.differences({str(post.number): post.path for post in posts}) == []
