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
        """Return whether a photo's bytes are here."""
        return is_digest(digest) and self._blobs.has(digest)

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
        """Return a photo's bytes; None where they are not here, or no longer what their name says."""
        try:
            return self._blobs.get(digest) if is_digest(digest) else None
        except BlobFault:
            return None

    def keep(self, digest: str, data: bytes) -> bool:
        """Keep a photo's bytes durably, whole or not at all; return whether they are what their name says.

        Raises:
            OSError: the disk refused.
        """
        if not is_photo(digest, data):
            return False
        self._blobs.put(data)
        with self._lock:
            self._wanted.pop(digest, None)
        return True
