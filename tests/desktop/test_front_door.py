"""A second start raises the first window; only one process works in a home."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.front_door import bring_forward, front_door, knock
from tests.homes import copy_home

ROOT = Path(__file__).parents[2]
ANSWERED = "from pathlib import Path; from desktop.front_door import knock; raise SystemExit(not knock(Path({0!r})))"


def knocking(folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", ANSWERED.format(str(folder))], cwd=ROOT)


def test_a_knock_is_heard_once_for_each_start(qtbot: QtBot, tmp_path: Path) -> None:
    heard: list[str] = []
    with front_door(tmp_path, lambda: heard.append("knock")):
        for count in (1, 2):
            process = knocking(tmp_path)
            qtbot.waitUntil(lambda: len(heard) == count, timeout=30_000)  # noqa: B023  it is waited for here
            qtbot.wait(50)
            assert process.wait(30) == 0
            assert len(heard) == count


def test_nobody_answers_where_no_window_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with front_door(tmp_path / "other", lambda: None):
        assert not knock(tmp_path)


@pytest.mark.qt_log_ignore("This plugin does not support raise")
def test_a_window_made_small_comes_back(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()

    bring_forward(window)

    assert window.isVisible()
    assert not window.windowState() & Qt.WindowState.WindowMinimized


def test_a_second_start_raises_the_first_window_and_ends_well(qtbot: QtBot, sample_home: Path, tmp_path: Path) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    around = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    words = [sys.executable, "-m", "desktop.cli", "station", "--home", str(home), "--json"]
    first = subprocess.Popen(
        words, cwd=ROOT, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        qtbot.waitUntil(lambda: knock(home), timeout=60_000)
        second = subprocess.run(words, cwd=ROOT, env=around, capture_output=True, text=True, timeout=60)
        assert (second.returncode, second.stdout.strip()) == (0, '{"raised": true}'), second.stderr
        busy = subprocess.run([*words[:3], "verify", "--home", str(home)], cwd=ROOT, capture_output=True, text=True)
        assert busy.returncode == 2
        assert "is in use by another Dockside process" in busy.stderr
        assert first.poll() is None
    finally:
        # Its virtual printer goes with it.
        os.killpg(first.pid, signal.SIGTERM)
        first.wait(30)
