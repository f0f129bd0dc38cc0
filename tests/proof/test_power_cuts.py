"""The power goes at any moment, with whatever the disk had not synced: every step that was told is there."""

import json
import os
import random
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.kernel.reasons import Reason
from desktop.cli import main
from tests.forks import Forked
from tests.proof.lives import Life, assert_finished, assert_resumed, life_of
from tests.simulation import plugged_in
from tests.simulation.lossyfs import LossyMount, mounted, unavailable

CUTS = 5
IN_TEST, AT_NIGHT = 2, 40
"""Shifts, each cut five times: 10 cuts in `make test`, 200 at night."""
CHANGES = (30, 8000)
"""How many changes of the disk after the start the power goes; a scan makes some fifty."""

pytestmark = [
    pytest.mark.fuse,
    pytest.mark.skipif(unavailable() is not None, reason=f"no power cuts here: {unavailable()}"),
    pytest.mark.timeout(600),
]


def live_until_cut(folder: Path, seed: int, changes: int, paper: Path) -> list[dict[str, Any]]:
    """Play on a mounted disk until its power goes; return what the station told, which outlives the power."""
    with mounted(folder, seed=seed) as mount:
        mount.cut_after(changes)
        with Forked(plugged_in.main, str(mount.path / "home"), str(seed), str(paper)) as process:
            plug = threading.Thread(target=pulled, args=(mount, process))
            plug.start()
            lines = [json.loads(line) for line in process.lines()]
            process.wait()
            plug.join()
        # Where the shift was over before the power went, it goes now; how the day came out is no step.
        mount.cut()
    return [each for each in lines if "event" in each]


def pulled(mount: LossyMount, process: Forked) -> None:
    """Wait until the disk is without power, then take it from station and printer too."""
    while process.poll() is None:
        try:
            os.listdir(mount.path)
        except OSError:
            break
        process.wait(0.02)
    with suppress(ProcessLookupError):
        process.kill()


def acknowledged(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was told until the disk failed: what a station says of a dead disk is no promise."""
    failed = next((n for n, each in enumerate(told) if each["reason"] == Reason.NOT_SAVED), len(told))
    return told[:failed]


@pytest.mark.parametrize(
    "seed", [*range(IN_TEST), *(pytest.param(n, marks=pytest.mark.nightly) for n in range(IN_TEST, AT_NIGHT))]
)
def test_a_shift_whose_power_goes_again_and_again_still_ends_at_the_van(
    sample_home: Path, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    disk, paper = tmp_path / "disk", tmp_path / "paper"
    shutil.copytree(sample_home, disk / "store" / "home")
    home = disk / "store" / "home"
    chance = random.Random(seed)
    lives: list[Life] = []
    for cut in range(CUTS):
        told = live_until_cut(disk, seed * 1000 + cut, chance.randint(*CHANGES), paper)
        life = life_of(home, paper, acknowledged(told))
        if life.told:
            # Otherwise its database was not even open.
            lives.append(life)

    assert lives
    already = 0
    for before, after in zip(lives, lives[1:], strict=False):
        assert_resumed(before, after, already)
        already = before.kept.number if before.kept else already

    shutil.copytree(paper, home / "printed", dirs_exist_ok=True)
    assert main(["replay", "--play", "--seed", str(seed), "--mistakes", "0", "--home", str(home)]) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert_finished(home, lives, end, tmp_path / "exports")
