"""A picture that is dropped onto the window or pasted at notes is a photo there, and nowhere else."""

from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from core.cases.model import Photo
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Order
from core.station.note_queries import NoteSeen
from core.station.writing import ConfirmPhoto, ShowNotes
from desktop.widgets.pictures import has_picture, show_pictures
from tests.desktop.bench import Bench


@pytest.fixture
def at_notes(it: Bench) -> Bench:
    """Dana at the notes of an order."""
    it.scan("BADGE-DANA")
    if it.state == "EnterPin":
        it.window.type("2580")
        it.settle()
    with it.assembly.database.reading() as reader:
        order = rows_of(Order, reader.execute(sql_of(Order).select().limit(1)))[0]
    it.window.station.go("note", f"order {order.id.hex()}")
    it.settle()
    assert it.state == "ShowNotes"
    return it


def picture() -> QImage:
    made = QImage(640, 480, QImage.Format.Format_RGB32)
    made.fill(Qt.GlobalColor.red)
    return made


def drop(it: Bench, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    it.shell.dropEvent(
        QDropEvent(
            QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    it.settle()


def made(it: Bench, qtbot: QtBot) -> str:
    """The step once a picture is a photo, or is kept."""
    qtbot.waitUntil(lambda: it.state not in ("MakePhoto", "KeepPhoto"), timeout=20_000)
    it.settle()
    return it.state


def kept(it: Bench) -> list[str]:
    with it.assembly.database.reading() as reader:
        return [row.digest for row in rows_of(Photo, reader.execute(sql_of(Photo).select()))]


def test_a_picture_that_is_dropped_is_seen_kept_and_seen_among_the_notes(
    at_notes: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    it, file = at_notes, tmp_path / "scratch.png"
    assert picture().save(str(file))
    drop(it, file)
    made(it, qtbot)
    state = it.window.station.state
    assert isinstance(state, ConfirmPhoto)
    assert state.photo.digest in it.assembly.drawn
    assert kept(it) == []
    qtbot.keyClick(it.shell, Qt.Key.Key_Y)
    it.settle()
    made(it, qtbot)

    shown = it.window.station.state
    assert isinstance(shown, ShowNotes)
    (note,) = shown.notes
    assert isinstance(note, NoteSeen)
    assert note.photo is not None
    assert note.photo.here
    assert kept(it) == [note.photo.digest]
    assert it.assembly.drawn == {}
    show_pictures(it.assembly.home.blobs.get)
    assert has_picture(note.photo.digest)


def test_a_picture_of_the_clipboard_is_pasted(at_notes: Bench, qtbot: QtBot) -> None:
    it = at_notes
    QGuiApplication.clipboard().setImage(picture())
    qtbot.keyClick(it.shell, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    it.settle()
    assert made(it, qtbot) == "ConfirmPhoto"
    it.press("NO")
    assert it.state == "ShowNotes"
    assert kept(it) == []


def test_what_is_no_picture_is_said_in_words(at_notes: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    it, file = at_notes, tmp_path / "list.pdf"
    file.write_bytes(b"%PDF-1.7")
    drop(it, file)
    made(it, qtbot)
    assert it.shell.refusing
    assert "No picture: list.pdf" in it.shell.refusal.accessibleName()
    assert it.state == "ShowNotes"


def test_a_drive_that_does_not_answer_leaves_the_window_to_whoever_works(
    at_notes: Bench, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    it, answers = at_notes, Event()
    monkeypatch.setattr(it.assembly.desk, "find", lambda _name: answers.wait(20) and None)
    drop(it, tmp_path / "far.png")
    assert (it.state, it.window.station.idle) == ("MakePhoto", True)
    it.press("NO")
    assert it.state == "ShowNotes"
    answers.set()
    qtbot.wait(50)
    assert (it.state, it.shell.refusing) == ("ShowNotes", False)


def test_elsewhere_a_pasted_picture_is_nothing(it: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    clip: list[int] = []
    monkeypatch.setattr("desktop.app.clipped", lambda: clip.append(1))
    for badge in ("", "BADGE-MARA"):
        if badge:
            it.scan(badge)
        before = it.state
        QGuiApplication.clipboard().setImage(picture())
        qtbot.keyClick(it.shell, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        it.settle()
        assert it.state == before
    assert clip == []
