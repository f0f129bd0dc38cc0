"""Pictures of items, by the digest of their bytes: read at the size they are shown in, so that a drawn one stays sharp."""

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImageReader, QPixmap

from desktop.widgets.paint import Canvas

_PAD = 8
_LARGEST = 2048
"""Pixels a side: what a picture says of itself is not believed beyond it."""
_source: list[Callable[[str], bytes]] = []


def show_pictures(source: Callable[[str], bytes]) -> None:
    """Say where pictures of items come from: their bytes by digest, empty when they are not here."""
    _source[:] = [source]
    _size.cache_clear()
    _pixmap.cache_clear()


def _reader(digest: str) -> tuple[QImageReader, QBuffer] | None:
    data = _source[0](digest) if digest and _source else b""
    if not data:
        return None
    held = QBuffer()
    held.setData(QByteArray(data))
    held.open(QIODevice.OpenModeFlag.ReadOnly)
    return QImageReader(held), held


@lru_cache(maxsize=512)
def _size(digest: str) -> QSize:
    """Return the size a picture has by itself; empty where there is none to show."""
    found = _reader(digest)
    size = QSize() if found is None else found[0].size()
    return size if max(size.width(), size.height()) <= _LARGEST * 8 else QSize()


@lru_cache(maxsize=64)
def _pixmap(digest: str, width: int, height: int) -> QPixmap:
    found = _reader(digest)
    if found is None:
        return QPixmap()
    found[0].setScaledSize(QSize(width, height))
    return QPixmap.fromImage(found[0].read())


def has_picture(digest: str) -> bool:
    """Return whether there is a picture of this digest to show."""
    return bool(digest) and not _size(digest).isEmpty()


def shape(digest: str) -> float:
    """Return a picture's height to its width; 0 where there is none."""
    size = _size(digest) if digest else QSize()
    return 0.0 if size.isEmpty() else size.height() / size.width()


def picture(canvas: Canvas, box: QRectF, digest: str, *, framed: bool = True) -> None:
    """Draw an item's picture into a box, as large as it fits, never stretched and never mirrored."""
    if framed:
        canvas.card(box)
    inside = canvas.place(box.adjusted(_PAD, _PAD, -_PAD, -_PAD) if framed else box)
    size = _size(digest).scaled(inside.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    spot = QRectF(0, 0, size.width(), size.height())
    spot.moveCenter(inside.center())
    zoom = canvas.painter.transform().m11()
    wide, high = (max(1, min(_LARGEST, round(each * zoom))) for each in (size.width(), size.height()))
    found = _pixmap(digest, wide, high)
    canvas.painter.drawPixmap(spot, found, QRectF(found.rect()))
