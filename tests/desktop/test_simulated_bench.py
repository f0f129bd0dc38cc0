"""The simulated bench offers everything a new user needs: one order goes to the van with nothing but what is on the screen."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.app import _hand_out
from desktop.assembly import BADGES
from desktop.sample import OPERATORS
from tests.desktop.bench import Bench


def offered(it: Bench) -> dict[str, QPushButton]:
    return {each.text(): each for each in it.shell.bench._buttons if each.isVisible()}


def press(it: Bench, qtbot: QtBot, words: str) -> str:
    qtbot.mouseClick(offered(it)[words], Qt.MouseButton.LeftButton)
    it.settle()
    return it.state


def first(it: Bench, qtbot: QtBot) -> str:
    """Press the first thing that is offered, as somebody would who has no idea."""
    return press(it, qtbot, next(iter(offered(it))))


def test_a_sample_knows_the_badges_of_its_people_and_no_other_home_does(it: Bench, tmp_path: Path) -> None:
    assert [each[2] for each in json.loads(it.assembly.profile[BADGES])] == [each[1] for each in OPERATORS]


def test_an_order_goes_to_the_van_with_what_the_bench_offers(it: Bench, qtbot: QtBot) -> None:
    _hand_out(it.shell, it.assembly, it._reader)
    it.window.station.start()
    it.settle()

    assert press(it, qtbot, "Mara, picker") == "Home"
    totes = set[str]()
    while first(it, qtbot) != "BatchDone":
        assert not it.shell.refusing, "the bench offers nothing that is refused"
        totes |= {each.tote for each in getattr(getattr(it.window.station.state, "view", None), "slots", ())} - {""}
    it.press("MENU")
    it.press("QTY-1")
    assert press(it, qtbot, "Aylin, packer") == "Home"
    while first(it, qtbot) != "StickLabel":
        assert not it.shell.refusing
    first(it, qtbot)
    it.press("MENU")
    it.press("QTY-1")
    assert press(it, qtbot, "Tom, loader") == "Home"
    while first(it, qtbot) != "ScanParcel" or not it.window.station.state.view.loads[0].loaded:
        assert not it.shell.refusing


def test_no_answer_is_offered_twice(it: Bench, qtbot: QtBot) -> None:
    _hand_out(it.shell, it.assembly, it._reader)
    it.window.station.start()
    it.settle()
    press(it, qtbot, "Mara, picker")
    while first(it, qtbot) != "TakeItem":
        assert not it.shell.refusing
    it.press("SHORT")
    words = [each.text() for each in it.shell.bench._buttons if each.isVisible()]
    assert len(words) == len(set(words)), words


def test_the_enter_behind_a_typed_code_confirms_nothing(it: Bench, qtbot: QtBot) -> None:
    _hand_out(it.shell, it.assembly, it._reader)
    it.window.station.start()
    it.settle()
    field = it.shell.bench._field

    qtbot.keyClicks(field, OPERATORS[0][1])
    qtbot.keyClick(field, Qt.Key.Key_Return)
    it.settle()

    assert it.state == "Home", "Enter at the first screen would have begun the walk"


def test_what_is_drawn_is_trusted_no_further_than_a_scanner_that_was_never_learnt(
    it: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str, bool]] = []

    def scan(code: str, *, device: str, trusted: bool) -> None:
        heard.append((code, device, trusted))

    monkeypatch.setattr(it.window.station, "scan", scan)
    it.shell.bench.scanned.emit("010950600013435210ABC17261231")
    assert heard == [("010950600013435210ABC17261231", "", False)]


def test_a_tote_in_use_is_not_handed_out_again(it: Bench) -> None:
    taken = it.assembly.empty_tote(it._reader)
    assert taken == "TOTE-0001"
    it.scan("BADGE-MARA")
    it.press("CONFIRM")
    while it.state != "PutInTote":
        it.next()
    it.scan(taken)

    assert it.assembly.empty_tote(it._reader) == "TOTE-0002"
