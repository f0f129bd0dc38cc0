"""Photos at a station: pictures out of its inbox, dropped or pasted ones, and what of them is kept beside its file."""

from collections.abc import Callable, MutableMapping
from hashlib import sha256
from pathlib import Path

from core.cases.shelf import Shelf
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.photo_desk import Prepared
from desktop.importing import FileDesk
from desktop.photos import ENDINGS, FILE_MAX, MEGAPIXELS, NoPhoto, photo_of


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
        self._handed: Callable[[], Prepared | Refusal] | None = None
        self._prepared = ""

    def hand(self, given: str | bytes, name: str = "") -> None:
        """Take what was dropped or pasted: a file's path, or a picture's bytes with what they are called."""
        if isinstance(given, str):
            self._handed = lambda: self.take(given)
        else:
            self._handed = lambda: self._prepare(given, name)

    # What a flow asks

    def names(self) -> tuple[str, ...]:
        """Return the names of pictures in the inbox, the newest first."""
        return tuple(each for each in self._files.files() if Path(each).suffix.lower() in ENDINGS)

    def handed(self) -> Prepared | Refusal | None:
        """Return what was dropped or pasted since, once; None where nothing was."""
        handed, self._handed = self._handed, None
        return None if handed is None else handed()

    def take(self, name: str) -> Prepared | Refusal:
        """Return a picture by its name in the inbox or by a path, or why there is none."""
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
        return self._prepare(data, path.name)

    def _prepare(self, data: bytes, name: str) -> Prepared | Refusal:
        try:
            made = photo_of(data)
        except NoPhoto as e:
            return _refused(e.reason, name)
        self._forget()
        self._prepared = sha256(made).hexdigest()
        self._drawn[self._prepared] = made
        return Prepared(self._prepared, len(made))

    def keep(self, digest: str) -> Refusal | None:
        """Keep what was prepared, durably; return why that is not possible."""
        data = self._drawn.get(digest)
        if data is None:
            return Refusal(Reason.NOT_FOUND, {"got": digest})
        try:
            self._shelf.keep(digest, data)
        except OSError as e:
            return Refusal(Reason.NOT_SAVED, {"fault": e.strerror or type(e).__name__})
        self._forget()
        return None

    def look(self, digest: str) -> bool:
        """Return whether a photo is here; one that is not is fetched when there is time."""
        return self._shelf.look(digest)

    def _forget(self) -> None:
        """Let go of what was prepared and not kept."""
        self._drawn.pop(self._prepared, None)
        self._prepared = ""


def _refused(reason: Reason, name: str) -> Refusal:
    return Refusal(reason, {"got": name, "most": MEGAPIXELS})
