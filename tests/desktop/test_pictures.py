"""Pictures of items: there for every item of the sample, sharp at any size, and never a reason to fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from core.catalog.model import Item
from core.kernel.tables import sql_of
from desktop.assembly import assembled
from desktop.pictures import Pictures
from desktop.theme import LIGHT
from desktop.widgets.paint import Canvas
from desktop.widgets.pictures import has_picture, picture, show_pictures
from tests.desktop.bench import Bench
from tests.homes import copy_home

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><path fill="#f00" d="M0 0h4v4H0z"/><path fill="#00f" d="M4 0h4v4H4z"/></svg>'
GROUND = 0xFFFFFFFF


@pytest.fixture(autouse=True)
def _source() -> Iterator[None]:
    known = {"square": SVG, "broken": SVG[:40], "no picture": b"%PDF-1.7"}
    show_pictures(lambda digest: known.get(digest, b""))
    yield
    show_pictures(lambda _digest: b"")


def drawn(digest: str, *, side: int = 80, zoom: float = 1.0, rtl: bool = False) -> QImage:
    image = QImage(round(side * zoom), round(side * zoom), QImage.Format.Format_RGB32)
    image.fill(GROUND)
    painter = QPainter(image)
    painter.scale(zoom, zoom)
    picture(Canvas(painter, LIGHT, QSizeF(side, side), rtl=rtl), QRectF(0, 0, side, side), digest, framed=False)
    painter.end()
    return image


def test_every_item_of_the_sample_has_a_picture(qtbot: QtBot, sample_home: Path, tmp_path: Path) -> None:
    with assembled(copy_home(sample_home, tmp_path / "home")) as assembly:
        with assembly.database.reading() as connection:
            digests = list(connection.execute(sa.select(sql_of(Item).c.picture)).scalars())
        show_pictures(assembly.home.blobs.get)
        assert len(digests) == len(set(digests)) > 30
        assert all(has_picture(each) for each in digests)


def test_a_picture_keeps_its_shape_and_is_sharp_at_any_size(qtbot: QtBot) -> None:
    for zoom in (1.0, 1.5, 4.0):
        image = drawn("square", zoom=zoom)
        middle = image.height() // 2
        assert image.pixel(2, 2) == GROUND, "twice as wide as high: above it stays empty"
        assert image.pixel(image.width() // 2 - 2, middle) == 0xFFFF0000
        assert image.pixel(image.width() // 2 + 2, middle) == 0xFF0000FF


def test_a_picture_is_never_mirrored(qtbot: QtBot) -> None:
    assert drawn("square", rtl=True) == drawn("square")


@pytest.mark.parametrize("digest", ["", "not here", "broken", "no picture"])
def test_what_is_no_picture_is_not_shown(qtbot: QtBot, digest: str) -> None:
    assert not has_picture(digest)


def test_a_picture_that_is_damaged_on_the_disk_leaves_the_words(it: Bench) -> None:
    folder = it.assembly.home.folder / "blobs"
    for each in folder.rglob("*"):
        if each.is_file():
            each.write_bytes(b"torn")
    show_pictures(Pictures(it.assembly.home.blobs))
    it.scan("BADGE-MARA")
    it.window.station.go("pick")
    it.settle()
    it.next()

    assert it.state == "GoToLocation"
    assert not has_picture(it.window.station.state.view.picture)
    it.shell.grab()
