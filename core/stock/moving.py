"""Moving: units are carried from one place to another, perhaps by two people who have not heard of each other.

Both happened, and units are in one place only: the move that the feed has last says where. It takes what it misses at its
source from where the move that its station had not heard of brought it, so that nothing is doubled; the earlier one stays in
the ledger. No clock decides that. The times say whether it is worth a person's look: within minutes the one may have carried
what the other had in hand, or the same label was scanned at two shelves. (Reference: sync, 8.4, *moved by two*.)
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.catalog.model import Location
from core.kernel import codec
from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, CommandId, LocationId, OrderId, PersonId, SiteId, StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.stock.commands import no_place
from core.stock.ledger import Movement, balance_key, balance_keys, key_of, on_hand, post
from core.stock.model import Balance, Cause, LastMove, Reservation, StockKey
from core.stock.reserving import free

NOT_MOVED = CommandId(NO_ID)
TWICE_MS = 5 * 60_000
"""Two moves of the same that are no further apart are told."""
GOODS = "goods"
"""The fact of such a case that says which goods lie where, as a stock key."""


def last_moves(read: Read, site: SiteId, key: StockKey) -> tuple[LastMove, ...]:
    """Return the last move of each station out of a stock key that is known of here, the newest first.

    Of several that somebody has not heard of either may have carried what he carried: their clocks say which is asked first.
    """
    found = read.find(LastMove, "place", [balance_key(site, key)]).values()
    return tuple(sorted(found, key=lambda row: (-row.moved_at, row.station)))


@command("stock.move", OpClass.FACT, permission="stock.move")
class MoveStock(Command):
    """Units went from one place to another."""

    source: StockKey
    target: LocationId
    quantity: int
    station: StationId = StationId(NO_ID)
    """Where it is said."""
    known: tuple[CommandId, ...] = ()
    """The last move of each station out of the source that this one had heard of."""
    left_for: tuple[bytes, ...] = ()
    """The demands for which units were held at the source when it was carried, as its station had it: those were left there."""

    def _there(self) -> StockKey:
        return replace(self.source, location=self.target)

    def reads(self) -> Reads:
        """Return both balances and the places; see `finds`."""
        return {
            Balance: balance_keys(self.site, [Movement(self.source, self._there(), 0, Cause.MOVE)]),
            Location: [(self.site, self.source.location), (self.site, self.target)],
        }

    def finds(self) -> Finds:
        """Return the last moves out of both places, and what is held for those whose units were left there."""
        return {
            (LastMove, "place"): [balance_key(self.site, key) for key in (self.source, self._there())],
            (Reservation, "demand"): [(self.site, each) for each in self.left_for],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse more than is free there, or where it was carried to unheard, and places that are not or lie outside."""
        if self.quantity <= 0:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": self.quantity})
        have = free(read, self.site, self.source)
        carried = sum(min(units, free(read, self.site, key)) for key, units, _ in self._carried(read))
        if have + carried < self.quantity:
            return Refusal(Reason.NOT_ENOUGH_STOCK, {"free": have})
        return no_place(read, self.site, self.source.location) or no_place(read, self.site, self.target)

    def apply(self, uow: UnitOfWork) -> None:
        """Post the movement, from where the units are by now, and say where they went."""
        carried = list(self._carried(uow))
        left = self.quantity - sum(units for _, units, _ in carried)
        sources = [(key, units) for key, units, _ in carried if key.location != self.target]
        post(
            uow,
            self,
            [Movement(key, self._there(), units, Cause.MOVE) for key, units in (*sources, (self.source, left))],
        )
        for key in (self.source, *(key for key, _ in sources)):
            self._say_where(uow, key)
        # What was carried on from the target before is not what came there now.
        for before in last_moves(uow, self.site, self._there()):
            uow.delete(before)
        elsewhere = [(units, row) for key, units, row in carried if key.location != self.target]
        if elsewhere:
            units, first = sum(units for units, _ in elsewhere), elsewhere[0][1]
            facts: dict[str, str | int] = {
                "item": self.source.item.hex(),
                "quantity": units,
                GOODS: codec.to_text(self._there()),
            }
            tell_twice(uow, self, self.target, first, first.target, facts)

    def _carried(self, read: Read) -> Iterator[tuple[StockKey, int, LastMove]]:
        """Yield where units that are missing at the source were carried by moves unheard of, and by which."""
        missing = self.quantity - max(0, on_hand(read, self.site, self.source) - self._left_there(read))
        ways, seen = [self.source], {self.source.location}
        while ways and missing > 0:
            key = ways.pop()
            for row in last_moves(read, self.site, key):
                if row.target in seen or (key is self.source and row.move in self.known):
                    # Its station knew of it. Stations keep these rows, so that no clock has a say in that.
                    continue
                there = replace(key, location=row.target)
                seen.add(row.target)
                units = min(missing, max(0, on_hand(read, self.site, there)))
                if units:
                    yield there, units, row
                missing -= units
                ways.insert(0, there)

    def _left_there(self, read: Read) -> int:
        """Return the units that were left at the source and are held there still: some may have been picked since."""
        held = read.find(Reservation, "demand", [(self.site, each) for each in self.left_for]).values()
        return sum(row.quantity for row in held if key_of(row) == self.source)

    def _say_where(self, uow: UnitOfWork, key: StockKey) -> None:
        if key.location != self.target:
            at = balance_key(self.site, key)
            uow.put(LastMove(*at, self.station, self.target, self.id, self.at, self.actor))  # type: ignore[call-arg]


class Carried(Protocol):
    """A move as a row tells of it."""

    @property
    def moved_at(self) -> int:
        """Return when, by its station's clock."""

    @property
    def moved_by(self) -> PersonId:
        """Return who."""


def tell_twice(
    uow: UnitOfWork, by: Command, place: LocationId, first: Carried, first_to: LocationId, facts: dict[str, str | int],
    subject: bytes = NO_ID, order: OrderId | None = None,
) -> None:  # fmt: skip
    """Open a case where something was carried elsewhere minutes before or after another carried it, unheard of each other.

    Args:
        uow: the command's unit of work.
        by: the move that the feed has last.
        place: where it brought it.
        first: the other move.
        first_to: where that one brought it.
        facts: what it is about.
        subject: the tote; the place, where it is goods.
        order: whose it is, where it is one's alone.
    """
    if abs(by.at - first.moved_at) > TWICE_MS:
        return
    told = {
        **facts, "shelf": place.hex(), "first_to": first_to.hex(), "first_at": first.moved_at,
        "first_by": first.moved_by.hex(),
    }  # fmt: skip
    open_case(uow, by, CaseKind.MOVED_TWICE, order=order, subject=place if subject == NO_ID else subject, facts=told)


__all__ = ["GOODS", "NOT_MOVED", "TWICE_MS", "MoveStock", "last_moves", "tell_twice"]
