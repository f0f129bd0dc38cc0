"""What a flow that gives somebody a new badge asks: who works here, how far its print is, and whether a scan is that badge.

A badge's code is a secret. The desk makes it up and knows it as long as the badge is being made; only its hash leaves it.
"""

from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa

from core.kernel.ids import PersonId, SiteId
from core.people.queries import everybody
from core.people.roles import badge_is_enough


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may be given a new badge."""

    person: PersonId
    name: str
    roles: str
    version: int
    """Of the row that says who they are."""


@dataclass(frozen=True, slots=True)
class BadgeTrial:
    """How far a new badge is that is being printed."""

    printer: str = ""
    place: str = ""
    """Where that printer stands."""
    troubles: str = ""
    """Why it cannot be printed now, comma-separated, or why it cannot be made at all."""
    left: bool = False
    """Its bytes are at the printer: whether it came out its scan says."""


class BadgeDesk(Protocol):
    """Where badges are made, beside the station; the composition root gives it."""

    def make(self, holder: Holder) -> None:
        """Make up a code, and print it as soon as a printer can; what was made before is worth nothing."""

    def trial(self) -> tuple[Holder, BadgeTrial] | None:
        """Return whose badge is being made, and how far it is; None where none is."""

    def proves(self, code: str) -> bytes | None:
        """Return the hash of the badge that is being made, where a code is its; None for every other code."""

    def give_up(self) -> None:
        """Make none any more, and forget its code."""


class _NoBadges:
    """A desk that makes none."""

    def make(self, holder: Holder) -> None:
        """Make none."""

    def trial(self) -> tuple[Holder, BadgeTrial] | None:
        """Know of none."""
        return None

    def proves(self, _code: str) -> bytes | None:
        """Know none."""
        return None

    def give_up(self) -> None:
        """Forget nothing."""


NO_BADGES: BadgeDesk = _NoBadges()
"""For a station that is only replayed."""


@dataclass(frozen=True, slots=True)
class AskHolders:
    """Who may be given a new badge?"""

    site: SiteId
    anybody: bool
    """Whoever edits people gives one to anybody; a lead to those whose badge alone lets them in, who decide nothing."""
    said: str = ""
    """A part of the name; empty for all."""
    person: PersonId | None = None
    """Whose old badge was scanned."""

    def run(self, connection: sa.Connection) -> tuple[Holder, ...]:
        """Return them by name."""
        found = [
            Holder(person.id, card.name, person.roles, person.version)
            for person, card in everybody(connection, self.site)
            if (self.anybody or badge_is_enough(person.roles))
            and self.person in (None, person.id)
            and self.said.strip().casefold() in card.name.casefold()
        ]
        return tuple(sorted(found, key=lambda each: each.name.casefold()))


@dataclass(frozen=True, slots=True)
class AskBadge:
    """How far is the badge?"""

    desk: BadgeDesk

    def run(self, _connection: sa.Connection) -> tuple[Holder, BadgeTrial] | None:
        """Return that."""
        return self.desk.trial()


@dataclass(frozen=True, slots=True)
class Proved:
    """The badge that came out was scanned: what is written beside the command."""

    card: tuple[SiteId, PersonId, str, bytes, str]
    """Whose, name, the new badge's hash, and the PIN's as it was."""


@dataclass(frozen=True, slots=True)
class ProveBadge:
    """Is this the badge that came out? Never stored."""

    desk: BadgeDesk
    site: SiteId
    person: PersonId
    code: str = field(repr=False)

    def run(self, connection: sa.Connection) -> Proved | None:
        """Return what is to be written; None for another code."""
        proved = self.desk.proves(self.code)
        card = next((card for person, card in everybody(connection, self.site) if person.id == self.person), None)
        if proved is None or card is None:
            return None
        return Proved((self.site, self.person, card.name, proved, card.pin))


@dataclass(frozen=True, slots=True)
class AtBadges:
    """A wish to the desk: make one, or give it up."""

    desk: BadgeDesk
    holder: Holder | None = None
    """For whom; None to give up."""

    def start(self) -> None:
        """Say it."""
        if self.holder is None:
            self.desk.give_up()
        else:
            self.desk.make(self.holder)
