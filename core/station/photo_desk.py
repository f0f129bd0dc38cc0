"""Where a photo comes from at a station: a file that lies in its inbox, was dropped onto the window, or was pasted.

The composition root gives a desk; a flow asks it. What it prepares is upright, small and says nothing but what is seen, and is
kept nowhere until somebody has said that it is to be. The one thing a newcomer would get wrong: a picture is read, unfolded and kept
beside the station, since its file may lie on a drive that does not answer. Whoever began something asks what is ready.
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

    def handed(self) -> bool:
        """Return whether something was dropped or pasted that was not taken yet."""

    def take(self, name: str) -> None:
        """Begin to prepare a picture: by its name in the inbox or by a path, or what was handed over, once, for an empty one."""

    def keep(self, digest: str) -> None:
        """Begin to keep what was prepared, durably."""

    def ready(self) -> Prepared | Refusal | None:
        """Return what was prepared, or kept, since that was begun last, or why there is nothing; None as long as it goes on."""

    def look(self, digest: str) -> bool:
        """Return whether a photo is here; one that is not is fetched when there is time."""


class _NoPhotos:
    """A station without a place for photos."""

    def names(self) -> tuple[str, ...]:
        return ()

    def handed(self) -> bool:
        return False

    def take(self, name: str) -> None:
        pass

    def keep(self, digest: str) -> None:
        pass

    def ready(self) -> Prepared | Refusal | None:
        return Refusal(Reason.NOT_FOUND, {"got": ""})

    def look(self, digest: str) -> bool:
        return False


NO_PHOTOS: PhotoDesk = _NoPhotos()


@dataclass(frozen=True, slots=True)
class WhatIsHanded:
    """Was a picture dropped or pasted? Else, which ones are there?"""

    desk: PhotoDesk

    def run(self, _connection: sa.Connection) -> bool | tuple[str, ...]:
        """Return True, or the inbox's pictures."""
        return self.desk.handed() or self.desk.names()


@dataclass(frozen=True, slots=True)
class WhatIsReady:
    """What has become of the picture?"""

    desk: PhotoDesk

    def run(self, _connection: sa.Connection) -> Prepared | Refusal | None:
        """Return it as it would be kept, or is, or why not; None where that is not known yet."""
        return self.desk.ready()


@dataclass(frozen=True, slots=True)
class PhotoOf:
    """Can that picture be a photo?"""

    desk: PhotoDesk
    name: str = ""
    """Empty for what was handed over."""

    def start(self) -> None:
        """Begin."""
        self.desk.take(self.name)


@dataclass(frozen=True, slots=True)
class KeepBytes:
    """The bytes of a photo are to be there before any row names them."""

    desk: PhotoDesk
    digest: str

    def start(self) -> None:
        """Begin."""
        self.desk.keep(self.digest)
