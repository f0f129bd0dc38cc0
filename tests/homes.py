"""Homes with a sample in them, or with a whole shift of it: made once a run, by whichever worker comes first, and copied."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from desktop.cli import main


class Played(NamedTuple):
    """A home in which a shift was played."""

    home: Path
    told: list[dict[str, Any]]
    """What the station said of each event, and last of the whole."""


def make_sample(folder: Path) -> Path:
    """Make the sample warehouse in a folder."""
    assert main(["sample", "--home", str(folder), "--json"]) == 0
    return folder


def copy_home(source: Path, target: Path) -> Path:
    """Copy a home that nobody has open."""
    shutil.copytree(source, target)
    return target


def _once(base: Path, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that all workers of a run share, made by the first of them."""
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = run / name
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            half = run / f"{name}-half"
            shutil.rmtree(half, ignore_errors=True)
            make(half)
            half.rename(made)
    return made


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the sample, to be copied and not changed."""
    return _once(tmp_path_factory.getbasetemp(), "sample", lambda folder: make_sample(folder / "home")) / "home"


@pytest.fixture(scope="session")
def played_shift(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Return a shift of the sample, played with mistakes; its home is to be copied and not changed."""
    folder = _once(tmp_path_factory.getbasetemp(), "played", lambda folder: _play(sample_home, folder))
    lines = (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
    return Played(folder / "home", [json.loads(line) for line in lines])


def _play(sample: Path, folder: Path) -> None:
    folder.mkdir()
    home = copy_home(sample, folder / "home")
    with (folder / "out.jsonl").open("w", encoding="utf-8") as file, contextlib.redirect_stdout(file):
        code = main(["replay", "--play", "--seed", "7", "--mistakes", "5", "--home", str(home), "--json"])
    assert code == 0, (folder / "out.jsonl").read_text(encoding="utf-8")[-2000:]
