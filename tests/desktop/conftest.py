"""The window under test; a test speaks English until it says otherwise, and leaves it so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.languages import SOURCE, speaking
from tests.desktop.bench import Bench
from tests.homes import copy_home


@pytest.fixture(autouse=True)
def _english(qapp: object) -> Iterator[None]:
    # Whatever paints words ends the process where no application is: each test has one, whichever runs first.
    with speaking(SOURCE, "UTC"):
        yield


@pytest.fixture
def it(qtbot: QtBot, sample_home: Path, tmp_path: Path) -> Iterator[Bench]:
    """Return a bench at work; the window closes after the test."""
    made = Bench(qtbot, copy_home(sample_home, tmp_path / "home"))
    yield made
    made.close()
