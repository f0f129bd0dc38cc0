"""The photos whose bytes lie beside a station's file, and those that somebody looked for and that are not there.

What was looked for is kept nowhere: whoever looks again asks again. It is asked from the window's thread and from the one that
speaks to the hub.
"""

from collections.abc import Callable
from threading import Lock

from core.cases.photos import is_digest, is_photo
from core.kernel.blobs import BlobFault, BlobStore

_MOST = 100
"""Photos that are looked for at once; the oldest wish goes first."""


class Shelf:
    """Bytes of photos, by digest."""

    def __init__(self, blobs: BlobStore) -> None:
        """Keep them among a home's other files."""
        self._blobs, self._lock = blobs, Lock()
        self._wanted: dict[str, None] = {}
        self.asked: Callable[[], None] = lambda: None
        """Hears that a photo is looked for which is not here, on the thread of whoever looks."""

    def has(self, digest: str) -> bool:
        """Return whether a photo's bytes are here, as far as can be seen without reading them."""
        try:
            return is_digest(digest) and self._blobs.has(digest)
        except OSError:
            return False

    def look(self, digest: str) -> bool:
        """Return whether a photo's bytes are here; those that are not are wanted from now on."""
        if self.has(digest):
            return True
        with self._lock:
            new = digest not in self._wanted
            self._wanted[digest] = None
            while len(self._wanted) > _MOST:
                self._wanted.pop(next(iter(self._wanted)))
        if new:
            self.asked()
        return False

    def wanted(self) -> tuple[str, ...]:
        """Return the digests of photos that are looked for, the oldest wish first."""
        with self._lock:
            return tuple(self._wanted)

    def read(self, digest: str) -> bytes | None:
        """Return a photo's bytes; None where they are not here, cannot be read, or are no photo of that name."""
        try:
            data = self._blobs.get(digest) if is_digest(digest) else b""
        except (BlobFault, OSError):
            # One file that the disk does not give is in no other's way.
            return None
        return data if is_photo(digest, data) else None

    def keep(self, digest: str, data: bytes) -> bool:
        """Keep a photo's bytes durably, whole or not at all; return whether they are what their name says.

        They are no longer wanted then, whatever became of them: else they would be fetched again and again. Whoever looks once more
        wants them anew.

        Raises:
            OSError: the disk refused.
        """
        with self._lock:
            self._wanted.pop(digest, None)
        if not is_photo(digest, data):
            return False
        self._blobs.put(data)
        return True
