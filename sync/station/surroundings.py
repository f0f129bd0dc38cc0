"""What the engines of a station work with: its file, its writer, the way to the hub, and who hears how that is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import Protocol

import sqlalchemy as sa

from core.cases.shelf import Shelf
from core.kernel.executor import Identity
from core.kernel.replica import Taken
from core.kernel.witness import Said
from core.kernel.writer import Writer
from core.rights.commands import GiveBackWork
from core.rights.model import WorkLease
from sync.protocol import (
    Carried,
    Carry,
    Compare,
    Compared,
    Fetch,
    Fetched,
    Lease,
    Leased,
    Load,
    Loaded,
    Pulled,
    Push,
    Pushed,
    Rejoin,
    Rejoined,
    Renew,
    Renewed,
)
from sync.station.engines import Me
from sync.station.files import Tell


class Sees(Protocol):
    """A witness outside the station's file."""

    def read(self) -> Said | None:
        """Return what it saw; None for nothing."""

    def write(self, said: Said) -> None:
        """Keep what it sees now."""


class _Nobody:
    """Nobody sees: a station without a witness waits for its hub after every start."""

    def read(self) -> Said | None:
        return None

    def write(self, said: Said) -> None:
        return


NO_WITNESS = _Nobody()


class Link(Protocol):
    """The way to the hub."""

    async def push(self, message: Push) -> Pushed:
        """Send operations."""

    async def pull(self, after: int, wait_s: int, epoch: int) -> Pulled:
        """Ask for the feed behind a number."""

    async def fetch(self, message: Fetch) -> Fetched:
        """Ask for private rows."""

    async def lease(self, message: Lease) -> Leased:
        """Ask for work."""

    async def load(self, message: Load) -> Loaded:
        """Ask for a part of the site."""

    async def compare(self, message: Compare) -> Compared:
        """Ask what is something else at the hub."""

    async def rejoin(self, message: Rejoin) -> Rejoined:
        """Ask what the hub has forgotten."""

    async def renew(self, message: Renew) -> Renewed:
        """Ask for a new incarnation."""

    async def carry(self, message: Carry) -> Carried:
        """Bring and ask for the bytes of photos."""

    async def close(self) -> None:
        """Let go of what is open."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How an engine's line to the hub is, whenever a round ended."""

    engine: str
    working: bool
    words: str = ""
    """Why it is not working."""
    reason: str = ""
    """The same for people: one of the protocol's reasons, or of those below."""
    final: bool = False
    """Whether no further round is tried: a person has to look."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the engines of a station work with."""

    me: Me
    identity: Identity
    reader: Callable[[], AbstractContextManager[sa.Connection]]
    writer: Writer
    link: Link
    chance: Random
    heard: Callable[[Heard], None]
    """Hears how the line is, on the engines' thread."""
    give_back: Callable[[WorkLease], GiveBackWork]
    """Makes the command that gives a lease back."""
    tell: Tell
    """Makes what the station says in a new epoch to a hub that was set back: the list of what it holds."""
    witness: Sees = NO_WITNESS
    """Is told how far the log is, on the engines' thread: a sync of a file of a few bytes, every few seconds."""
    renewed: Callable[[], None] = lambda: None
    """Hears that the file goes on under another incarnation: what was at hand at its screen is over."""
    shelf: Shelf | None = None
    """Where the bytes of photos lie; without it none are carried."""
    attended: Callable[[], bool] = lambda: True
    """Whether somebody works at the station, whom the hub is not to keep waiting."""
    taken: Callable[[Taken], None] = lambda _taken: None
    """Hears what came by the feed once it is committed, on the engines' thread."""
