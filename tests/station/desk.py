"""Desks to read files in at, and to take photos from, without files."""

from dataclasses import dataclass, field
from hashlib import sha256

from core.kernel.ids import PersonId, SessionId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.importing import Reading
from core.station.photo_desk import Prepared


@dataclass
class FakeDesk:
    """A desk whose files are names."""

    names: tuple[str, ...] = ("orders.csv", "stock.csv")
    reading: Reading | None = None
    begun: list[tuple[object, ...]] = field(default_factory=list)

    def files(self) -> tuple[str, ...]:
        return self.names

    def find(self, name: str) -> str | None:
        return f"/in/{name}" if name in self.names else None

    def mappings(self, kind: str) -> tuple[str, ...]:
        return ("dockside", "retail_uci")

    def begin(self, path: str, kind: str, mapping: str, *, actor: PersonId, session: SessionId) -> None:
        self.begun.append((path, kind, mapping, actor, session))

    def stand(self) -> Reading | None:
        return self.reading


@dataclass
class FakePhotos:
    """A desk whose pictures are names; whatever it is asked to keep is there."""

    pictures: tuple[str, ...] = ("a.jpg", "b.png")
    given: list[str] = field(default_factory=list)
    """Names of pictures that were dropped or pasted."""
    full: bool = False
    slow: bool = False
    """Whether nothing becomes ready for now."""
    work: Prepared | Refusal | None = None
    kept: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)

    def names(self) -> tuple[str, ...]:
        return self.pictures

    def handed(self) -> bool:
        return bool(self.given)

    def take(self, name: str) -> None:
        name = name or self.given.pop()
        if name not in self.pictures:
            self.work = Refusal(Reason.NO_PICTURE, {"got": name, "most": 50})
        else:
            self.work = Prepared(sha256(name.encode()).hexdigest(), len(name))

    def keep(self, digest: str) -> None:
        if self.full:
            self.work = Refusal(Reason.NOT_SAVED, {"fault": "no room"})
        else:
            self.kept.append(digest)
            self.work = Prepared(digest, 1)

    def ready(self) -> Prepared | Refusal | None:
        return None if self.slow else self.work

    def look(self, digest: str) -> bool:
        self.looked.append(digest)
        return digest in self.kept
