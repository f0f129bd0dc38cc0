"""The desk where labels are made: what it offers, what the flow asks of it, and how far a list is.

Labels of a list are made on a thread of their own, each looked over for its printer: that takes seconds, and a scan does not
wait for it.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from core.kernel.ids import JobId, SiteId
from core.kernel.numbers import Number
from core.printers.queries import JobsOut, jobs_out

LISTS_SHOWN = 6
ALL = "*"
"""In place of a code: all of the kind that there are."""


@dataclass(frozen=True, slots=True)
class LabelKind:
    """A kind of label that is offered here."""

    name: str
    """A content kind, such as ``location_label``."""
    known: int
    """How many of what it is for there are."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Labels that were chosen, before anything is printed."""

    kind: str
    said: tuple[str, ...]
    """Codes, ranges and `ALL`, as they were scanned and typed."""
    contents: tuple[Any, ...]
    """What they say, one each; none where no label can be made of what was said."""
    first: str = ""
    last: str = ""
    rendering: str = ""
    """Digest of a picture of the first one, as its printer will print it."""
    printer: str = ""
    place: str = ""
    file: str = ""
    """The list that they are made from; empty for what was scanned, typed or taken from the records."""
    kinds: tuple[str, ...] = ()
    """Kinds whose columns the list has, where it does not say of which kind it is."""
    faults: tuple[str, ...] = ()
    """What is wrong with the list, by line and column: then no label is made of it."""
    numbers: tuple[str, ...] = ()
    """Label numbers that are given out with it, before anything is printed."""
    drawn: tuple[Number, ...] = ()
    """The serials of those that were drawn from this station's own."""


@dataclass(frozen=True, slots=True)
class Making:
    """How far a list is that is looked through."""

    file: str = ""
    done: int = 0
    """Labels that were made and looked over."""
    of: int = 0
    """0 while it is being read."""


class LabelDesk(Protocol):
    """Where labels are made, beside the station; the composition root gives it."""

    def kinds(self, connection: sa.Connection) -> tuple[LabelKind, ...]:
        """Return what is offered."""

    def choose(self, connection: sa.Connection, kind: str, said: tuple[str, ...]) -> Chosen:
        """Return the labels that codes, ranges and `ALL` stand for."""

    def lists(self) -> tuple[str, ...]:
        """Return the names of files that may be lists, the newest first."""

    def look_through(self, name: str, kind: str) -> None:
        """Begin to make labels of a list by its name or path, of a kind or of the one it is for; return at once."""

    def made(self) -> "Making | Chosen | None":
        """Return how far that is, at its end the labels; None where there is no such file, or nothing was begun."""

    def give_up(self) -> None:
        """Look through nothing any more."""


class _NoLabels:
    """A desk that makes none."""

    def kinds(self, _connection: sa.Connection) -> tuple[LabelKind, ...]:
        """Return none."""
        return ()

    def choose(self, _connection: sa.Connection, kind: str, said: tuple[str, ...]) -> Chosen:
        """Choose none."""
        return Chosen(kind, said, ())

    def lists(self) -> tuple[str, ...]:
        """Know no list."""
        return ()

    def look_through(self, name: str, kind: str) -> None:
        """Look through nothing."""

    def made(self) -> Making | Chosen | None:
        """Have made nothing."""
        return None

    def give_up(self) -> None:
        """Give nothing up."""


NO_LABELS: LabelDesk = _NoLabels()
"""Where nothing is printed: a station that only looks."""


# What is asked, and wished


@dataclass(frozen=True, slots=True)
class AskKinds:
    """What can be printed here?"""

    desk: LabelDesk

    def run(self, connection: sa.Connection) -> tuple[LabelKind, ...]:
        """Return the kinds."""
        return self.desk.kinds(connection)


@dataclass(frozen=True, slots=True)
class AskChosen:
    """Which labels are that?"""

    desk: LabelDesk
    kind: str
    said: tuple[str, ...]

    def run(self, connection: sa.Connection) -> Chosen:
        """Return them."""
        return self.desk.choose(connection, self.kind, self.said)


@dataclass(frozen=True, slots=True)
class AskLists:
    """Which lists lie there?"""

    desk: LabelDesk

    def run(self, _connection: sa.Connection) -> tuple[str, ...]:
        """Return their names."""
        return self.desk.lists()[:LISTS_SHOWN]


@dataclass(frozen=True, slots=True)
class LookThrough:
    """Work beside the station: make labels of a list."""

    desk: LabelDesk
    name: str
    kind: str = ""

    def start(self) -> None:
        """Begin."""
        self.desk.look_through(self.name, self.kind)


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A wish to the desk: look through nothing any more."""

    desk: LabelDesk

    def start(self) -> None:
        """Say it."""
        self.desk.give_up()


@dataclass(frozen=True, slots=True)
class AskMade:
    """How far is the list?"""

    desk: LabelDesk
    name: str = ""

    def run(self, _connection: sa.Connection) -> Making | Chosen | None:
        """Return that, or the labels."""
        return self.desk.made()


@dataclass(frozen=True, slots=True)
class AskOut:
    """How many are out?"""

    site: SiteId
    jobs: tuple[JobId, ...]

    def run(self, connection: sa.Connection) -> JobsOut:
        """Return how the jobs are."""
        return jobs_out(connection, self.site, self.jobs)
