"""Sites of a hub as they are begun: with everything that one signs in and works with on the first day.

What a shop sells and where it lies comes in by import, at any of its stations. The one thing a newcomer would get wrong: a
site that was begun and nobody can sign in at is finished by the same words; one where somebody works is left as it is.
"""

import secrets
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from core.catalog.command_codes import is_reserved
from core.catalog.commands import SetUpSite
from core.catalog.model import SiteKind
from core.catalog.queries import site_row
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, SiteId
from core.kernel.operations import OperationOutcome
from core.kernel.refusal import Fault
from core.kernel.uow import UnitOfWork
from core.people.commands import SavePerson
from core.people.model import Person, PersonCard
from core.people.secrets import MIN_BADGE, MIN_PIN_DIGITS, is_pin
from desktop.founding import Founder, engagement, furnishings, has_any
from desktop.options import AnswerIsNo
from desktop.system import machine_time_zone
from sync.hub.opening import Hub
from sync.hub.receiving import Receiver
from sync.hub.serials import part_of
from sync.protocol import Refused

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of a badge that nobody chose: those that are not taken for each other."""


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site as it is begun at a hub."""

    site: SiteId
    name: str
    time_zone: str
    country: str
    gs1_prefix: str


def stamp(hub: Hub, site: SiteId) -> Stamp:
    """Return base fields of a command of the hub's own."""
    return Stamp(id=CommandId(hub.ids.new()), site=site, at=hub.clock.now_ms(), actor=SYSTEM, session=NO_SESSION)


def run(hub: Hub, command: Command) -> None:
    """Apply a command of the hub's own.

    Raises:
        AnswerIsNo: it was refused; nothing of it was written.
    """
    made = hub.center.run(command)
    if isinstance(made, Refused) or made.outcome not in (
        OperationOutcome.APPLIED, OperationOutcome.APPLIED_WITH_EXCEPTION,
    ):  # fmt: skip
        raise AnswerIsNo(f"{command.KIND}: {made.reason}")


def leader(name: str, badge: str, pin: str) -> Founder:
    """Return who leads a new site: what nobody chose is made up, so that nobody else knows it.

    Raises:
        Fault: that is no badge or no PIN.
    """
    badge, pin = badge.strip(), pin.strip()
    if badge and (is_reserved(badge) or len(badge) < MIN_BADGE):
        raise Fault(f"--badge: {MIN_BADGE} characters or more, and none of Dockside's own codes")
    if pin and not is_pin(pin):
        raise Fault(f"--pin: {MIN_PIN_DIGITS} digits or more")
    made = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    return Founder(name.strip() or "Lead", badge or f"LEAD-{made}", pin or f"{secrets.randbelow(10**6):06}", "en")


def begun(hub: Hub, new: NewSite, lead: Founder) -> bool:
    """Begin a site where its database has none of that number that one can sign in at; return whether it was begun now."""
    with hub.databases[new.site].reading() as connection:
        known, engaged = site_row(connection, new.site), has_any(connection, new.site, Person)
    if engaged:
        return False
    if known is None:
        # Before the site is there: whoever is stopped in between takes another part.
        if new.gs1_prefix:
            run(hub, part_of(hub.databases, new.site, new.gs1_prefix, hub.clock, hub.ids))
        run(hub, _set_up(hub, new))
    with hub.databases[new.site].reading() as connection:
        commands = tuple(furnishings(connection, partial(stamp, hub, new.site)))
    for command in commands:
        run(hub, command)
    _engage(hub, new.site, lead)
    return True


def _set_up(hub: Hub, new: NewSite) -> SetUpSite:
    return SetUpSite(
        **stamp(hub, new.site), name=new.name, kind=SiteKind.WAREHOUSE, time_zone=new.time_zone or machine_time_zone(),
        calendar="{}", country=new.country, address="", gs1_prefix=new.gs1_prefix, owner_code="", owner_name=new.name,
        base_version=0,
    )  # fmt: skip


def _engage(hub: Hub, site: SiteId, lead: Founder) -> None:
    """Write who leads a site; name and secrets are in the same transaction, and in no log."""

    def decide(connection: sa.Connection) -> SavePerson:
        command, card = engagement(connection, stamp(hub, site), lead)
        books = UnitOfWork(connection)
        books.save(PersonCard(*card))
        books.flush()
        return command

    with hub.databases[site].connect() as connection:
        Receiver(connection, site).decide(decide, boot_ns=hub.clock.boot_ns())
