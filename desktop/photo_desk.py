"""Photos at a station: pictures out of its inbox, dropped or pasted ones, and what of them is kept beside its file.

A picture is read, unfolded, made small and kept on threads of its own: a large one takes seconds, a drive that does not answer takes
minutes, and a disk writes when it likes. The window's thread only takes over what is ready.
"""

from collections.abc import Callable, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Lock

from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QGuiApplication, QImage

from core.cases.shelf import Shelf
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.photo_desk import Prepared
from desktop.importing import FileDesk
from desktop.photos import ENDINGS, FILE_MAX, LONG_SIDE, MEGAPIXELS, NoPhoto, photo_of

_THREADS = 2
"""One may wait for a drive that does not answer."""
_PLAIN = 100
"""Qt's quality of a PNG that is not packed: it is unfolded again at once."""


class PhotoRoom:
    """Prepares pictures, and keeps those that are to be kept. Nothing is kept of what nobody said yes to."""

    def __init__(self, files: FileDesk, shelf: Shelf, drawn: MutableMapping[str, bytes]) -> None:
        """Have nothing prepared.

        Args:
            files: the inbox.
            shelf: where photos are kept.
            drawn: pictures that are shown and kept nowhere, by digest.
        """
        self._files, self._shelf, self._drawn = files, shelf, drawn
        self._handed: Callable[[], bytes | Refusal] | None = None
        self._prepared = ""
        self._pool: ThreadPoolExecutor | None = None
        self._work: Future[bytes | Prepared | Refusal] | None = None
        self._unfolding = Lock()
        self.told: Callable[[], object] = lambda: None
        """Hears that something is ready, on a thread beside."""

    def hand(self, given: str | QImage, name: str = "") -> None:
        """Take what was dropped or pasted: a file's path, or a picture with what it is called."""
        self._handed = partial(self._of_file, given) if isinstance(given, str) else partial(self._of_clip, given, name)

    def close(self) -> None:
        """Let what is under way end, and begin nothing more."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    # What a flow asks

    def names(self) -> tuple[str, ...]:
        """Return the names of pictures in the inbox, the newest first."""
        return tuple(each for each in self._files.files() if Path(each).suffix.lower() in ENDINGS)

    def handed(self) -> bool:
        """Return whether something was dropped or pasted that was not taken yet."""
        return self._handed is not None

    def take(self, name: str) -> None:
        """Begin to prepare a picture: by its name in the inbox or by a path, or what was handed over, once, for an empty one."""
        if name:
            self._begin(partial(self._of_file, name))
        elif self._handed is not None:
            handed, self._handed = self._handed, None
            self._begin(handed)

    def keep(self, digest: str) -> None:
        """Begin to keep what was prepared, durably."""
        self._begin(partial(self._kept, digest, self._drawn.get(digest)))

    def ready(self) -> Prepared | Refusal | None:
        """Return what was prepared, or kept, since that was begun last, or why there is nothing; None as long as it goes on.

        Raises:
            BaseException: what nobody foresaw; it is told once.
        """
        work = self._work
        if work is None:
            return Refusal(Reason.NOT_FOUND, {"got": ""})
        if not work.done():
            return None
        if work.exception() is not None:
            self._work = None
        match work.result():
            case bytes() as made:
                self._forget()
                self._prepared = sha256(made).hexdigest()
                self._drawn[self._prepared] = made
                return Prepared(self._prepared, len(made))
            case Prepared() as kept:
                self._forget()
                return kept
            case refused:
                return refused

    def look(self, digest: str) -> bool:
        """Return whether a photo is here; one that is not is fetched when there is time."""
        return self._shelf.look(digest)

    def _begin(self, work: Callable[[], bytes | Prepared | Refusal]) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="photo")
        if self._work is not None:
            self._work.cancel()
        self._work = self._pool.submit(work)
        self._work.add_done_callback(lambda _: self.told())

    def _forget(self) -> None:
        """Let go of what was prepared and not kept."""
        self._drawn.pop(self._prepared, None)
        self._prepared = ""

    # Beside the station

    def _of_file(self, name: str) -> bytes | Refusal:
        found = self._files.find(name)
        if found is None:
            return Refusal(Reason.NOT_FOUND, {"got": name})
        path = Path(found)
        try:
            if path.stat().st_size > FILE_MAX:
                return _refused(Reason.PICTURE_HUGE, path.name)
            data = path.read_bytes()
        except OSError:
            return _refused(Reason.PICTURE_CUT, path.name)
        return self._made(lambda: data, path.name)

    def _of_clip(self, image: QImage, name: str) -> bytes | Refusal:
        return self._made(lambda: _small(image), name)

    def _made(self, data: Callable[[], bytes], name: str) -> bytes | Refusal:
        try:
            # One at a time: each may take as much memory as all else.
            with self._unfolding:
                return photo_of(data())
        except NoPhoto as e:
            return _refused(e.reason, name, e.most)

    def _kept(self, digest: str, data: bytes | None) -> Prepared | Refusal:
        try:
            if data is None:
                # It was kept already, and whoever said yes went back meanwhile.
                data = self._shelf.read(digest)
            if data is None or not self._shelf.keep(digest, data):
                return Refusal(Reason.NOT_FOUND, {"got": digest})
        except OSError as e:
            return Refusal(Reason.NOT_SAVED, {"fault": e.strerror or type(e).__name__})
        return Prepared(digest, len(data))


def clipped() -> QImage:
    """Return the picture in the clipboard, as it is; a null one where there is none any more."""
    return QGuiApplication.clipboard().image()


def _small(image: QImage) -> bytes:
    """Return a picture of the clipboard, no larger than a photo is, as a file.

    Raises:
        NoPhoto: it is none, or too large.
    """
    if image.isNull():
        raise NoPhoto(Reason.NO_PICTURE)
    if image.width() * image.height() > MEGAPIXELS * 1_000_000:
        raise NoPhoto(Reason.PICTURE_HUGE)
    if max(image.width(), image.height()) > LONG_SIDE:
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(LONG_SIDE, LONG_SIDE, keep, smooth)
    held = QBuffer()
    held.open(QBuffer.OpenModeFlag.WriteOnly)
    # Its stub wants bytes, which it refuses.
    image.save(held, "PNG", _PLAIN)  # type: ignore[call-overload]
    return bytes(held.data().data())


def _refused(reason: Reason, name: str, most: int = MEGAPIXELS) -> Refusal:
    return Refusal(reason, {"got": name, "most": most})
