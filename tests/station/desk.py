"""A desk to read files in at, without files."""

from dataclasses import dataclass, field

from core.kernel.ids import PersonId, SessionId
from core.station.importing import Reading


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
