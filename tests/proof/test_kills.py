"""Killed at any moment, a station goes on at the same step: nothing lost, nothing done twice."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import core.everything  # noqa: F401
from core.exchange.verify import verify_all
from core.kernel.database import open_station
from core.kernel.home import Home
from desktop.cli import main
from tests.homes import copy_home

ROOT = Path(__file__).parents[2]


def play_until(folder: Path, events: int, seed: int) -> tuple[int, list[dict[str, object]]]:
    """Play a shift in a process of its own and kill it after so many events."""
    command = [
        sys.executable,
        "-m",
        "desktop.cli",
        "replay",
        "--play",
        "--seed",
        str(seed),
        "--home",
        str(folder),
        "--json",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(json.loads(line))
        if len(told) == events:
            # The virtual printer goes with it: a plug takes everything.
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.stdout.close()
    return process.wait(), told


def differences(folder: Path) -> list[str]:
    home = Home(folder)
    database = open_station(home.database, home.key())
    with database.reading() as connection:
        found = [str(each) for each in verify_all(connection)]
    database.dispose()
    return found


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(n, marks=pytest.mark.nightly) for n in range(3, 30))])
def test_a_shift_with_the_plug_pulled_again_and_again_still_ends_at_the_van(
    sample_home: Path, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_home(sample_home, tmp_path / "home")
    chance = random.Random(seed)
    kills = 0
    for _ in range(7):
        code, told = play_until(folder, chance.randrange(5, 120), seed)
        if code == 0:
            break
        kills += 1
        assert differences(folder) == []

    assert main(["replay", "--play", "--seed", str(seed), "--mistakes", "0", "--home", str(folder)]) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert kills >= 5
    assert end["shipped"] + end["short"] + end["cancelled"] == end["units"]
    assert differences(folder) == []
    journal = [
        json.loads(line) for line in (folder / "printed" / "printed.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    jobs = [each["job"] for each in journal if each["job"]]
    assert len(jobs) == len(set(jobs)), "no job was printed twice"
