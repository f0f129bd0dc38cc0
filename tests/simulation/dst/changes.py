"""Orders that people want otherwise than they said first: the office changes them, at the hub or at a station that may be offline.

What was packed before its bench heard of it may go as it was. What a dock's station has heard of both, the change and the
parcel, does not leave otherwise than it is wanted now: whoever loads there is judged by it in the hall (reference: sync, 8.4,
*order lines*). In the end the books want what people wanted last, and what left otherwise has its case (`wanted`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.amending.commands import ChangeOrder
from core.amending.planner import OrderChange, plan_cancel, plan_change, plan_resume
from core.kernel.feed import Feed, FeedKind, head_of
from core.kernel.flow import Stamp
from core.kernel.ids import ContactId
from core.kernel.operations import Operation
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Contact, OrderLine, StopKind, StopRequest
from core.packing.model import Parcel, ParcelState
from tests.orders.shop import item, order_id
from tests.simulation.dst.goods import Wish
from tests.simulation.dst.machine import Machine
from tests.simulation.dst.plan import HUB, SKUS
from tests.simulation.dst.players import Player
from tests.simulation.dst.site import Site
from tests.support import SITE

SKU_OF = {item(sku): sku for sku in SKUS}


@dataclass(frozen=True)
class Asked:
    """A question as a window asks it: it writes nothing."""

    run: Callable[[sa.Connection], Any]


def contact_of(number: str, n: int = 0) -> Contact:
    """Return who ordered, and where the goods go: the n-th street that was named."""
    id_ = ContactId(f"contact-{number}-{n}".encode().ljust(16, b"-")[:16])
    nothing = dict.fromkeys(("company", "region", "email", "phone", "gift_note", "customer"), "")
    return Contact(
        site=SITE, id=id_, name=f"Ann of {number}", lines=street_of(number, n), city="Town", postcode=f"P {number}",
        country="DE", **nothing,
    )  # fmt: skip


def street_of(number: str, n: int = 0) -> str:
    """Return the n-th street that was named for an order."""
    return f"Street {number}" + (f" No. {n}" if n else "")


def note_heard(site: Site, machine: Machine) -> None:
    """Let the hall know what a station has heard: what people want now, and which boxes it knows by their labels."""
    hall = site.hall
    hall.heard, hall.told = {}, frozenset()
    changed = {number for number, wishes in hall.wishes.items() if len(wishes) > 1}
    if not changed or site.players[machine.name].unheard is not None:
        # What was said before the power went was said by what was known then.
        return
    parcels = sql_of(Parcel)
    closed = sa.select(parcels.c.sscc).where(parcels.c.state == ParcelState.CLOSED.value)
    hall.told = machine.look(Asked(lambda here: frozenset(here.execute(closed).scalars())))
    told = taken(site, machine.look(Asked(lambda here: head_of(here, SITE).seq)))
    for number in changed:
        hall.heard[number] = max(hall.wishes[number], key=lambda wish: told.get(wish.operation, 0))


def taken(site: Site, through: int) -> dict[bytes, int]:
    """Return where the hub's feed says, up to a row, that a change was made; what was refused was not."""
    feed = sql_of(Feed)
    wanted = [each.operation.hex() for wishes in site.hall.wishes.values() for each in wishes if each.operation]
    query = sa.select(feed.c.entity, feed.c.seq, feed.c.content).where(
        feed.c.kind == FeedKind.RECEIPT.value, feed.c.seq <= through, feed.c.entity.in_(wanted)
    )
    with site.hub.database.reading() as connection:
        rows = list(connection.execute(query))
    return {bytes.fromhex(name): int(seq) for name, seq, said in rows if json.loads(said)["outcome"] != "refused"}


def note_first(site: Site, number: str) -> None:
    """Remember what an order said first."""
    hall = site.hall
    hall.wishes[number] = [Wish(b"", hall.counted(hall.wanted[number]), street_of(number))]


class Changes:
    """The events of orders that are changed."""

    def __init__(
        self, site: Site, by_hand: Callable[[str, Callable[[], str]], str], at_the_hub: Callable[..., bool]
    ) -> None:
        """Act in a site; whatever is done at a station is done by hand, and the hub may die over what is done there."""
        self.site, self._by_hand, self._at_the_hub = site, by_hand, at_the_hub

    def on_change(self, where: str, which: int, line: int, units: int) -> str:
        """Let the office want so many units of an order's line, at the hub or at a station."""
        return self._decide(where, which, line, units)

    def on_address(self, where: str, which: int) -> str:
        """Let an order go elsewhere."""
        return self._decide(where, which, 0, None)

    def on_call_off(self, where: str, which: int) -> str:
        """Let somebody cancel an order at a station, which may not have heard how far it is."""
        numbers = list(self.site.hall.wishes)
        if not numbers or where not in self.site.machines:
            return "no such station"
        number = numbers[which % len(numbers)]
        return self._by_hand(where, lambda: self._call_off(self.site.lead(where), number))

    def _call_off(self, somebody: Player, number: str) -> str:
        if somebody.unheard is not None:
            return somebody.act(0)
        stamp = somebody.stamp()
        made = somebody.machine.look(Asked(lambda here: plan_cancel(here, SITE, order_id(number), "customer", stamp)))
        if isinstance(made, Refusal):
            return f"{number} is not to be cancelled"
        self.site.hall.given_up.update(self.site.hall.wanted[number])
        self.site.hall.called_off[bytes(made.id)] = number
        return somebody.decide(made)

    def on_go_on(self, which: int) -> str:
        """Let the office say at the hub that work which a change stopped goes on."""
        office = self.site.hub.office
        stopped = sorted(
            (row for row in office.it.all(StopRequest) if row.kind is StopKind.CHANGE), key=lambda row: row.fulfilment
        )
        if not stopped:
            return "nothing is stopped"
        row = stopped[which % len(stopped)]
        with office.connection.begin():
            made = plan_resume(office.connection, SITE, row.order, row.fulfilment, office.stamp())
        if isinstance(made, Refusal):
            return f"refused: {made.reason}"
        # It may be another program that answers afterwards.
        self._at_the_hub(lambda: office.it.try_run(made))
        gone = self.site.hub.office.it.get(StopRequest, row.fulfilment) is None
        return "goes on" if gone else "waits for goods or labels"

    def _decide(self, where: str, which: int, line: int, units: int | None) -> str:
        numbers = list(self.site.hall.wishes)
        if not numbers:
            return "no order"
        number = numbers[which % len(numbers)]
        if where == HUB:
            return str(self._at_the_hub(lambda: self._at_the_office(number, line, units))) + f" {number}"
        if where not in self.site.machines:
            return "no such station"
        return self._by_hand(where, lambda: self._at_a_station(self.site.lead(where), number, line, units))

    def _at_the_office(self, number: str, line: int, units: int | None) -> None:
        office = self.site.hub.office
        with office.connection.begin():
            made = self._plan(office.connection, number, line, units, office.stamp())
        if made is None:
            return
        command, wish, contact = made
        if contact is not None:
            office.it.seed(contact)
        self._note(number, wish)
        office.it.try_run(command)

    def _at_a_station(self, somebody: Player, number: str, line: int, units: int | None) -> str:
        if somebody.unheard is not None:
            return somebody.act(0)
        stamp = somebody.stamp()
        made = somebody.machine.look(Asked(lambda here: self._plan(here, number, line, units, stamp)))
        if made is None:
            return f"{number} is not to be changed"
        command, wish, contact = made
        self._note(number, wish)
        return somebody.decide(command, *(() if contact is None else (contact,)))

    def _plan(
        self, connection: sa.Connection, number: str, line: int, units: int | None, stamp: Stamp
    ) -> tuple[ChangeOrder, Wish, Contact | None] | None:
        """Return the command that changes an order as it stands there, with what is wanted then; nothing where it cannot be."""
        order, lines = order_id(number), sql_of(OrderLine)
        query = sa.select(lines).where(lines.c.site == SITE, lines.c.order == order).order_by(lines.c.number)
        rows = rows_of(OrderLine, connection.execute(query))
        if not rows:
            return None
        contact = None if units is not None else contact_of(number, len(self.site.hall.wishes[number]))
        row = rows[line % len(rows)]
        wanted = OrderChange(
            quantities={} if units is None else {row.id: units}, contact=None if contact is None else contact.id
        )
        made = plan_change(connection, SITE, order, wanted, stamp)
        if isinstance(made, Refusal):
            return None
        before = self._wanted_before(connection, number)
        want = before.units.copy()
        if units is not None:
            want[SKU_OF[row.item]] = units
        return made, Wish(bytes(made.id), +want, before.street if contact is None else contact.lines), contact

    def _wanted_before(self, connection: sa.Connection, number: str) -> Wish:
        """Return the newest of an order's changes that is known there: told, or made there."""
        wishes = self.site.hall.wishes[number]
        log = sql_of(Operation)
        ids = [each.operation for each in wishes]
        own = set(connection.execute(sa.select(log.c.id).where(log.c.id.in_(ids))).scalars())
        told = taken(self.site, head_of(connection, SITE).seq)
        known = [n for n, each in enumerate(wishes) if not each.operation or each.operation in own | told.keys()]
        return wishes[max(known, key=lambda n: (told.get(wishes[n].operation, 0 if n == 0 else 2**62), n))]

    def _note(self, number: str, wish: Wish) -> None:
        hall = self.site.hall
        hall.wishes[number].append(wish)
        # Who has not heard of it picks what was wanted, of that or of the other.
        hall.wanted[number] |= wish.units
        hall.given_up.update(hall.wanted[number])


__all__ = ["Changes", "contact_of", "note_first", "note_heard", "street_of", "taken"]
