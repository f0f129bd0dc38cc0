"""Where a photo comes from at a station: a file that lies in its inbox, was dropped onto the window, or was pasted.

The composition root gives a desk; a flow asks it. What it prepares is upright, small and says nothing but what is seen, and is
kept nowhere until somebody has said that it is to be.
"""

from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Prepared:
    """A photo as it would be kept."""

    digest: str
    """SHA-256 of its bytes, in hex."""
    size: int
    """Bytes."""


class PhotoDesk(Protocol):
    """Pictures that can be taken, and photos that are here."""

    def names(self) -> tuple[str, ...]:
        """Return the names of pictures in the inbox, the newest first."""

    def handed(self) -> Prepared | Refusal | None:
        """Return what was dropped or pasted since, once; None where nothing was."""

    def take(self, name: str) -> Prepared | Refusal:
        """Return a picture by its name in the inbox or by a path, or why there is none."""

    def keep(self, digest: str) -> Refusal | None:
        """Keep what was prepared, durably; return why that is not possible."""

    def look(self, digest: str) -> bool:
        """Return whether a photo is here; one that is not is fetched when there is time."""


class _NoPhotos:
    """A station without a place for photos."""

    def names(self) -> tuple[str, ...]:
        return ()

    def handed(self) -> Prepared | Refusal | None:
        return None

    def take(self, name: str) -> Prepared | Refusal:
        return Refusal(Reason.NOT_FOUND, {"got": name})

    def keep(self, digest: str) -> Refusal | None:
        return Refusal(Reason.NOT_FOUND, {"got": digest})

    def look(self, digest: str) -> bool:
        return False


NO_PHOTOS: PhotoDesk = _NoPhotos()


@dataclass(frozen=True, slots=True)
class WhatIsHanded:
    """Was a picture dropped or pasted? Else, which ones are there?"""

    desk: PhotoDesk

    def run(self, _connection: sa.Connection) -> Prepared | Refusal | tuple[str, ...]:
        """Return what was handed, or the inbox's pictures."""
        return self.desk.handed() or self.desk.names()


@dataclass(frozen=True, slots=True)
class TakePicture:
    """Can that picture be a photo?"""

    desk: PhotoDesk
    name: str

    def run(self, _connection: sa.Connection) -> Prepared | Refusal:
        """Return it as it would be kept, or why not."""
        return self.desk.take(self.name)


@dataclass(frozen=True, slots=True)
class KeepPicture:
    """Its bytes are to be there before any row names them."""

    desk: PhotoDesk
    digest: str

    def run(self, _connection: sa.Connection) -> Refusal | None:
        """Return why they cannot be kept."""
        return self.desk.keep(self.digest)
