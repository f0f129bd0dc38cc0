"""What can be shown of the home's blobs: pictures of items as they are, jobs of a printer as what they look like."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from core.kernel.blobs import BlobFault, BlobStore
from printing.preview import preview

_KEPT = 8
"""Previews that are kept: a label is looked at while it prints and not much longer."""


class Pictures:
    """Bytes of pictures, by digest. A label takes a while to draw: its spooler's thread may ask first."""

    def __init__(self, blobs: BlobStore, made: Mapping[str, bytes] | None = None) -> None:
        """Read from a home's blobs, and from pictures that were made and are kept nowhere."""
        self._blobs, self._lock, self._made = blobs, Lock(), {} if made is None else made
        self._drawn: OrderedDict[str, bytes] = OrderedDict()

    def __call__(self, digest: str) -> bytes:
        """Return a picture; nothing where it is not here, or no longer what its name says."""
        if not digest or digest in self._made:
            return self._made.get(digest, b"")
        with self._lock:
            if digest in self._drawn:
                return self._drawn[digest]
        try:
            data = self._blobs.get(digest)
        except (BlobFault, OSError):
            return b""
        if not data.startswith(b"^XA"):
            return data
        made = preview(data)
        with self._lock:
            self._drawn[digest] = made
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        return made
