"""Homes with a sample in them, made once a run and copied: laying one out takes a second."""

import shutil
from pathlib import Path

import pytest

from desktop.cli import main


def make_sample(folder: Path) -> Path:
    """Make the sample warehouse in a folder."""
    assert main(["sample", "--home", str(folder), "--json"]) == 0
    return folder


def copy_home(source: Path, target: Path) -> Path:
    """Copy a home that nobody has open."""
    shutil.copytree(source, target)
    return target


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the sample, to be copied and not changed."""
    return make_sample(tmp_path_factory.mktemp("sample") / "home")
