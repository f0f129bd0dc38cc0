"""Killed at any moment, a station goes on at the same step: nothing lost, nothing done twice."""

import json
import random
import signal
from pathlib import Path

import pytest

from desktop.cli import main
from tests.forks import Forked
from tests.homes import copy_home
from tests.proof import doomed
from tests.proof.doomed import MOMENTS
from tests.proof.lives import Life, assert_finished, assert_resumed, life_of

AT_RANDOM = 4
IN_TEST, AT_NIGHT = 2, 20
"""Shifts, each killed at the six named moments and four times at random: 20 kills in `make test`, 200 at night."""
PRINTER = ("before first byte", "after first byte")


def live_until_killed(folder: Path, process: Forked, events: int | None = None) -> Life:
    """Let a station in a process of its own kill itself, or kill it when it told so many events."""
    told = []
    with process:
        # Read to the end: on a busy machine a station tells more before its end reaches it.
        for line in process.lines():
            told.append(json.loads(line))
            if len(told) == events:
                # The virtual printer goes with it: a plug takes everything.
                process.kill()
        assert process.wait() == -signal.SIGKILL, told[-1:]
    return life_of(folder, folder / "printed", told)


def moments(chance: random.Random) -> list[tuple[str, int]]:
    """Return every named moment once, with how often it passes first; labels come when the picking is over."""
    first = [each for each in MOMENTS if each not in PRINTER]
    chance.shuffle(first)
    return [(each, chance.randint(8, 50)) for each in first] + [(each, chance.randint(1, 3)) for each in PRINTER]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "seed", [*range(IN_TEST), *(pytest.param(n, marks=pytest.mark.nightly) for n in range(IN_TEST, AT_NIGHT))]
)
def test_a_shift_with_the_plug_pulled_again_and_again_still_ends_at_the_van(
    sample_home: Path, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_home(sample_home, tmp_path / "home")
    chance = random.Random(seed)
    lives = [
        live_until_killed(folder, Forked(doomed.main, str(folder), str(seed), moment, str(nth)))
        for moment, nth in moments(chance)
    ]
    play = ["replay", "--play", "--seed", str(seed), "--home", str(folder), "--json"]
    lives += [live_until_killed(folder, Forked(main, play), chance.randint(3, 25)) for _ in range(AT_RANDOM)]

    assert len(lives) == len(MOMENTS) + AT_RANDOM
    already = 0
    # One that sent the label that waited for it before it said where it stands, and ended by that, did nothing else.
    spoke = [each for each in lives if each.told]
    for before, after in zip(spoke, spoke[1:], strict=False):
        assert_resumed(before, after, already)
        already = before.kept.number if before.kept else already

    assert main(["replay", "--play", "--seed", str(seed), "--mistakes", "0", "--home", str(folder)]) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert_finished(folder, lives, end, tmp_path / "exports")
