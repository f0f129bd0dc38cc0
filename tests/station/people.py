"""People with badges at a packing shop's station: the doors are kept, badges and PINs are the database's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from core.kernel.ids import PersonId
from core.people.commands import SavePerson
from core.people.model import PersonCard
from core.people.queries import Doorkeeper
from core.people.secrets import badge_hash, pin_hash
from core.station.flows import all_flows
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH
from tests.playbook import Desk
from tests.station.desk import FakeDesk
from tests.support import SITE

MARA, AYLIN, TOM, DANA, IVY = (
    PersonId(name.encode().ljust(16, b"-")) for name in ("mara", "aylin", "tom", "dana", "ivy")
)
PIN = "2580"
PEOPLE: Mapping[PersonId, tuple[str, str, str]] = {
    MARA: ("BADGE-MARA", "picker", ""),
    AYLIN: ("BADGE-AYLIN", "packer", PIN),
    TOM: ("BADGE-TOM", "loader", ""),
    DANA: ("BADGE-DANA", "lead,inventory", PIN),
    IVY: ("BADGE-IVY", "lead", ""),
}

_hash = cache(pin_hash)
"""Hashing takes 26 ms on purpose."""


def hire(it: Shop, person: PersonId, *, active: int = 1, base_version: int = 0, preset: str = "first_day") -> None:
    """Write a person with badge and PIN."""
    badge, roles, pin = PEOPLE[person]
    card = PersonCard(SITE, person, badge.removeprefix("BADGE-").title(), badge_hash(badge), _hash(pin) if pin else "")
    command = SavePerson(
        **it.it.base(), person=person, roles=roles, language="en", preset=preset, active=active,
        base_version=base_version,
    )  # fmt: skip
    it.it.run(command, card)


@contextmanager
def station(it: Shop, policies: Mapping[str, str] | None = None, *, gate: bool = True) -> Iterator[Desk]:
    """Switch a station on at which nobody is signed in; without the gate, arranging may go on meanwhile."""
    for person in PEOPLE:
        hire(it, person)
    if gate:
        it.it.executor._gate = Doorkeeper(SITE)
    made = Desk(it.it, all_flows(FakeDesk()), begin="sign_in", place=BENCH, policies=policies, people=True)
    try:
        yield made
    finally:
        made.switch_off()
