"""Who a badge belongs to, and whether somebody may do something."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.commands import Command
from core.kernel.ids import SYSTEM, CommandId, PersonId, SessionId, SiteId, StationId
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import Changes
from core.people.commands import SavePerson, SignIn, session_of
from core.people.model import Comfort, Person, PersonCard, PinTries, Session
from core.people.roles import INTEGRATION, allowed
from core.people.secrets import badge_hash, pin_fits


@dataclass(frozen=True, slots=True)
class Badge:
    """Whose badge was scanned."""

    person: PersonId
    name: str
    roles: str
    language: str
    preset: str
    pin: str
    """The stored hash; empty when there is none."""
    pin_at: int = 0
    """When his PIN was given last, at whichever station; 0 for never."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who is signed in at a station."""

    person: PersonId
    session: SessionId
    name: str
    roles: str
    language: str
    preset: str
    text_percent: int = 100
    gloves: int = 0


@dataclass(frozen=True, slots=True)
class AskComfort:
    """How does somebody like the screen?"""

    site: SiteId
    person: PersonId

    def run(self, connection: sa.Connection) -> Comfort:
        """Return how it is set; the usual for somebody who never said."""
        rows = sql_of(Comfort)
        found = connection.execute(sa.select(rows).where(rows.c.site == self.site, rows.c.person == self.person))
        return next(iter(rows_of(Comfort, found)), Comfort(self.site, self.person, 100, 0, 0))


def find_badge(connection: sa.Connection, site: SiteId, code: str) -> Badge | None:
    """Return whose badge a code is, None when it is nobody's or the person does not work here any more."""
    card, person, sessions = sql_of(PersonCard), sql_of(Person), sql_of(Session)
    given = sa.select(sa.func.max(sessions.c.pin_at)).where(
        sessions.c.site == person.c.site, sessions.c.person == person.c.id
    )
    query = (
        sa.select(
            person.c.id, card.c.name, person.c.roles, person.c.language, person.c.preset, card.c.pin,
            sa.func.coalesce(given.scalar_subquery(), 0),
        )
        .select_from(person)
        .join(card, sa.and_(card.c.site == person.c.site, card.c.id == person.c.id))
        .where(card.c.site == site, card.c.badge == badge_hash(code), person.c.active == 1)
    )  # fmt: skip
    found = connection.execute(query).first()
    return None if found is None else Badge(*found)


def signed_in(connection: sa.Connection, site: SiteId, station: StationId) -> Operator | None:
    """Return who works at a station now.

    A file that was put back hears of a session that was begun after it was copied: of several that run, the one that was begun
    last by this file's log is meant, whatever the clocks said.
    """
    session, person, card, comfort = sql_of(Session), sql_of(Person), sql_of(PersonCard), sql_of(Comfort)
    query = (
        sa.select(
            person.c.id, session.c.id, sa.func.coalesce(card.c.name, ""), person.c.roles, person.c.language,
            person.c.preset, sa.func.coalesce(comfort.c.text_percent, 100), sa.func.coalesce(comfort.c.gloves, 0),
        )
        .select_from(session)
        .join(person, sa.and_(person.c.site == session.c.site, person.c.id == session.c.person))
        .outerjoin(card, sa.and_(card.c.site == person.c.site, card.c.id == person.c.id))
        .outerjoin(comfort, sa.and_(comfort.c.site == person.c.site, comfort.c.person == person.c.id))
        .where(session.c.site == site, session.c.station == station, session.c.ended_at == 0)
        .order_by(session.c.started_at.desc())
    )  # fmt: skip
    found = [Operator(*row) for row in connection.execute(query)]
    last = _begun_last(connection, site, station) if len(found) > 1 else None
    return next((each for each in found if each.session == last), found[0] if found else None)


def _begun_last(connection: sa.Connection, site: SiteId, station: StationId) -> SessionId | None:
    """Return the session that was begun at a station last, by the log of this file; None where it has none."""
    log = sql_of(Operation)
    query = sa.select(log.c.id).where(log.c.site == site, log.c.station == station, log.c.kind == SignIn.KIND)
    found = connection.execute(query.order_by(log.c.position.desc()).limit(1)).scalar_one_or_none()
    return None if found is None else session_of(CommandId(found))


def people_and_cards(
    connection: sa.Connection, site: SiteId, ids: Iterable[PersonId]
) -> dict[PersonId, tuple[Person, PersonCard | None]]:
    """Return people with their names and secrets, as far as those are here."""
    people, cards, wanted = sql_of(Person), sql_of(PersonCard), list(ids)
    found = rows_of(Person, connection.execute(sa.select(people).where(people.c.site == site, people.c.id.in_(wanted))))
    known = rows_of(
        PersonCard, connection.execute(sa.select(cards).where(cards.c.site == site, cards.c.id.in_(wanted)))
    )
    by_id = {card.id: card for card in known}
    return {person.id: (person, by_id.get(person.id)) for person in found}


def everybody(connection: sa.Connection, site: SiteId) -> Iterator[tuple[Person, PersonCard]]:
    """Yield who works at a site, with name and secrets, as far as those are here."""
    people, cards = sql_of(Person), sql_of(PersonCard)
    working = rows_of(Person, connection.execute(sa.select(people).where(people.c.site == site, people.c.active == 1)))
    known = rows_of(PersonCard, connection.execute(sa.select(cards).where(cards.c.site == site)))
    by_id = {card.id: card for card in known}
    return ((person, by_id[person.id]) for person in working if person.id in by_id)


SHIFT_MS = 12 * 3_600_000
"""So long a PIN counts: no shift is longer."""


@dataclass(frozen=True, slots=True)
class PinVerdict:
    """What a typed PIN is worth."""

    fits: bool
    wait_until: int
    """Nothing counts before this instant."""


def check_pin(connection: sa.Connection, site: SiteId, person: PersonId, pin: str) -> PinVerdict:
    """Return whether a PIN fits its person, and until when nothing is accepted."""
    tries, card = sql_of(PinTries), sql_of(PersonCard)
    wait = connection.execute(
        sa.select(tries.c.wait_until).where(tries.c.site == site, tries.c.person == person)
    ).scalar_one_or_none()
    stored = connection.execute(
        sa.select(card.c.pin).where(card.c.site == site, card.c.id == person)
    ).scalar_one_or_none()
    return PinVerdict(pin_fits(stored or "", pin), int(wait or 0))


class Doorkeeper:
    """The gate of the writer: whether the actor of a command may run it; nobody may by default.

    Roles are read at the first command of a person and again once they were written: a scan does not pay for them.
    """

    def __init__(self, site: SiteId) -> None:
        """Know nobody yet."""
        self._site = site
        self._roles: dict[PersonId, str] = {SYSTEM: INTEGRATION}

    def __call__(self, connection: sa.Connection, command: Command) -> Refusal | None:
        """Return why the actor may not run the command, or None."""
        roles = self._roles.get(command.actor)
        if roles is None:
            roles = self._roles[command.actor] = self._read(connection, command.actor)
        if not allowed(roles, command.PERMISSION):
            return Refusal(Reason.NOT_ALLOWED, {"permission": command.PERMISSION})
        if isinstance(command, SavePerson):
            self._roles.pop(command.person, None)
        return None

    def changed(self, changes: Changes) -> None:
        """Forget what was read, if people were changed elsewhere."""
        if changes.touches(Person):
            self._roles = {SYSTEM: INTEGRATION}

    def _read(self, connection: sa.Connection, actor: PersonId) -> str:
        person = sql_of(Person)
        query = sa.select(person.c.roles).where(person.c.site == self._site, person.c.id == actor, person.c.active == 1)
        return str(connection.execute(query).scalar_one_or_none() or "")
