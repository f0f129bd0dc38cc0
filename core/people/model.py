"""Tables of people: who they are to the floor, their sessions, and privately their names and secrets."""

from core.kernel.ids import PersonId, SessionId, SiteId, StationId
from core.kernel.private import brings
from core.kernel.tables import Key, Row, TableClass, table


@table(TableClass.FEED, key=("site", "id"))
class Person(Row):
    """Somebody who works here, without a name."""

    site: SiteId
    id: PersonId
    roles: str
    """Comma-separated: picker, packer, loader, lead, inventory, it, auditor, integration."""
    language: str
    active: int
    preset: str
    """Policy preset: first_day, new_starter, trusted."""
    version: int


@table(TableClass.PRIVATE, key=("site", "id"), unique={"badge": ("site", "badge")})
class PersonCard(Row):
    """A person's name and secrets."""

    site: SiteId
    id: PersonId
    name: str
    badge: bytes
    """SHA-256 of the badge's code."""
    pin: str
    """argon2id hash; empty when there is none."""


@brings(Person, again=True)
def _card_of(row: Row) -> list[tuple[type[Row], Key]]:
    """Name, badge and PIN come with whoever works here, and again whenever something about them changed."""
    return [(PersonCard, row.TABLE.key_of(row))]


@table(TableClass.FEED, key=("site", "id"), indexes={"session_person": ("site", "person")})
class Session(Row):
    """One person at one station, from badge to sign-out."""

    site: SiteId
    id: SessionId
    person: PersonId
    station: StationId
    started_at: int
    ended_at: int
    """0 while it runs."""
    pin_at: int
    """When the PIN was given in it; 0 when it was not."""


@table(TableClass.FEED, key=("site", "person"))
class Comfort(Row):
    """How somebody likes the screen; it goes where their badge goes."""

    site: SiteId
    person: PersonId
    text_percent: int
    """Text and everything else on the screen, 100 for the usual size."""
    gloves: int
    """1 when what is touched is larger and further apart."""
    version: int


@table(TableClass.LOCAL, key=("site", "person"))
class PinTries(Row):
    """Wrong PINs in a row: the wait grows, and it survives a restart."""

    site: SiteId
    person: PersonId
    wrong: int
    wait_until: int
