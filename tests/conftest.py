"""What every test runs under: no display, derandomised Hypothesis, and nothing left running."""

import gc
import os
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.quick import share_statements

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.pop("DOCKSIDE_HOME", None)

settings.register_profile("default", derandomize=True, deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=800)
settings.load_profile(os.environ.get("DOCKSIDE_HYPOTHESIS", "default"))


share_statements()

LONGEST_FIRST = (
    "test_gift_shop.py", "test_kills.py", "test_power_cuts.py", "test_ends.py", "test_layout.py", "test_machine.py", "test_rules.py",
    "test_days.py", "test_undo.py", "test_diagram.py", "test_convergence.py", "test_postgres.py", "test_running.py",
    "test_shift.py", "test_replay.py", "test_export.py",
)  # fmt: skip
"""Files that take minutes: begun last, one worker would end long after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def pytest_collection_finish() -> None:
    """Leave ten thousand tests and all they import out of every search for what nobody needs any more."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread of its own behind."""
    before = set(threading.enumerate())
    yield
    left = [each for each in threading.enumerate() if each not in before and not each.daemon]
    for each in left:
        # Who was told to end may need a moment for it.
        each.join(2)
    left = [each for each in left if each.is_alive()]
    assert not left, f"threads left running: {left}"


@pytest.fixture(autouse=True)
def no_timer_is_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves an active timer behind, where Qt is in use."""
    yield
    if "PySide6.QtCore" not in sys.modules or "qtbot" not in request.fixturenames:
        return
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    active = [t for w in QApplication.topLevelWidgets() for t in w.findChildren(QTimer) if t.isActive()]
    assert not active, f"timers left running: {active}"


pytest_plugins = ["tests.homes", "tests.postgres"]
