"""A home of one's own and a shell on it."""

from pathlib import Path

import pytest

from tests.cli.commands import Shell
from tests.homes import copy_home


@pytest.fixture
def shell(sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Return a shell on a copied sample."""
    return Shell(copy_home(sample_home, tmp_path / "home"), capsys)


@pytest.fixture
def nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Return a shell on a home that is not there."""
    return Shell(tmp_path / "nowhere", capsys)
