"""The photos that lie beside a station's file: as durable as that, and no part of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass
class Album:
    """A shelf of photos, as the engines and the window use it."""

    photos: dict[str, bytes] = field(default_factory=dict)
    looked_for: dict[str, None] = field(default_factory=dict)
    asked: Callable[[], None] | None = None

    def has(self, digest: str) -> bool:
        return digest in self.photos

    def look(self, digest: str) -> bool:
        """Look at a photo; one that is not here is wanted from now on."""
        if digest not in self.photos:
            self.looked_for[digest] = None
        return digest in self.photos

    def wanted(self) -> tuple[str, ...]:
        return tuple(self.looked_for)

    def read(self, digest: str) -> bytes | None:
        return self.photos.get(digest)

    def keep(self, digest: str, data: bytes) -> bool:
        self.looked_for.pop(digest, None)
        if sha256(data).hexdigest() != digest:
            return False
        self.photos[digest] = data
        return True


__all__ = ["Album"]
