"""Receiving, adjusting, holding: what changes stock outside the life of an order, beside moving and counting it."""

from dataclasses import dataclass, replace

from core.catalog.model import SIGNED, Item, Location
from core.catalog.places import unexplained, world
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import HoldId, ItemId, LocationId, LotId, LpnId, OwnerId, SiteId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.stock.ledger import Movement, balance_key, balance_keys, on_hand, post
from core.stock.model import (
    NO_LOT,
    NO_LPN,
    Balance,
    Cause,
    Condition,
    HoldScope,
    Lot,
    ReplenishmentNeed,
    Serial,
    StockHold,
    StockKey,
)


def lot_id(item: ItemId, code: str) -> LotId:
    """Return the id of an item's lot; NO_LOT for no code. Two items may share a lot's name."""
    return NO_LOT if not code else LotId(derive(item, f"lot {code}"))


def no_place(read: Read, site: SiteId, location: LocationId) -> Refusal | None:
    """Return why goods cannot lie at a location: it is not there, or it is outside the building."""
    row = read.get(Location, (site, location))
    here = row is not None and row.role not in SIGNED
    return None if here else Refusal(Reason.NOT_FOUND, {"location": location.hex() if row is None else row.code})


def _outside(site: SiteId, key: StockKey) -> list[StockKey]:
    """Return where the books have a unit that is not in the house, in whatever condition it went there."""
    return [
        replace(key, location=place, lpn=NO_LPN, condition=condition)
        for place in (world(site), unexplained(site))
        for condition in Condition
    ]


def _in_house(read: Read, site: SiteId, key: StockKey) -> int:
    """Return how many units of a serial are in the house: as many as came from outside and did not go there again."""
    return -sum(on_hand(read, site, each) for each in _outside(site, key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Units that came in."""

    owner: OwnerId
    item: ItemId
    location: LocationId
    quantity: int
    lot: str = ""
    expiry: str = ""
    serial: str = ""
    lpn: LpnId = NO_LPN
    condition: Condition = Condition.GOOD

    @property
    def key(self) -> StockKey:
        """Return where they are now."""
        return StockKey(
            owner=self.owner, item=self.item, location=self.location, lot=lot_id(self.item, self.lot),
            serial=self.serial, lpn=self.lpn, condition=self.condition,
        )  # fmt: skip


@command("stock.receive", OpClass.FACT, permission="stock.receive")
class ReceiveStock(Command):
    """Goods came from the world; their lots are made at the first unit."""

    receipts: tuple[Receipt, ...]
    cause: Cause = Cause.RECEIVE
    """OPENING for what lay here when the books began."""

    def _movements(self) -> list[Movement]:
        return [
            Movement(replace(each.key, location=world(self.site), lpn=NO_LPN), each.key, each.quantity, self.cause)
            for each in self.receipts
        ]

    def reads(self) -> Reads:
        """Return balances, items, lots, serials with what the books have of them, and locations."""
        numbered = [each for each in self.receipts if each.serial]
        return {
            Balance: [
                *balance_keys(self.site, self._movements()),
                *(balance_key(self.site, key) for each in numbered for key in _outside(self.site, each.key)),
            ],
            Item: [(self.site, each.item) for each in self.receipts],
            Lot: [(self.site, each.key.lot) for each in self.receipts if each.lot],
            Serial: [(self.site, each.item, each.serial) for each in numbered],
            Location: [(self.site, each.location) for each in self.receipts],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a place that is not, no units, goods without what they are to be known by, and serials that are here."""
        serials: set[tuple[ItemId, str]] = set()
        for each in self.receipts:
            if each.quantity <= 0 or (each.serial and each.quantity != 1):
                return Refusal(Reason.NOT_A_QUANTITY, {"quantity": each.quantity})
            refusal = no_place(read, self.site, each.location)
            if refusal is not None:
                return refusal
            refusal = self._check_names(read, each) or self._check_first(read, each)
            if refusal is not None:
                return refusal
            name = (each.item, each.serial)
            if each.serial and (name in serials or _in_house(read, self.site, each.key) > 0):
                return Refusal(Reason.DUPLICATE_SERIAL, {"serial": each.serial})
            serials.add(name)
        return None

    def _check_names(self, read: Read, each: Receipt) -> Refusal | None:
        """Return what a receipt lacks that its item is to be known by."""
        item = read.get(Item, (self.site, each.item))
        if item is None:
            return Refusal(Reason.UNKNOWN_ITEM)
        lacks = (
            (Reason.SCAN_LOT, item.lot_control or each.expiry, each.lot),
            (Reason.EXPIRY_MISSING, item.expiry_control, each.expiry),
            (Reason.SCAN_SERIAL, item.serial_control, each.serial),
        )
        reason = next((reason for reason, wanted, given in lacks if wanted and not given), None)
        return None if reason is None else Refusal(reason, {"item": item.sku})

    def _check_first(self, read: Read, each: Receipt) -> Refusal | None:
        """Return in what a receipt differs from what is known of its lot or serial: a lot has one date, a serial one lot."""
        lot = read.get(Lot, (self.site, each.key.lot)) if each.lot else None
        if lot is not None and lot.expiry != each.expiry:
            return Refusal(Reason.DIFFERS_FROM_FIRST, {"lot": lot.code, "first": lot.expiry, "now": each.expiry})
        known = read.get(Serial, (self.site, each.item, each.serial)) if each.serial else None
        if known is not None and known.lot != each.key.lot:
            return Refusal(Reason.DIFFERS_FROM_FIRST, {"serial": each.serial, "now": each.lot})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Make lots and serials, post the movements."""
        for each in self.receipts:
            if each.lot and uow.get(Lot, (self.site, each.key.lot)) is None:
                uow.insert(Lot(self.site, each.key.lot, each.owner, each.item, each.lot, each.expiry, self.at))
            if each.serial and uow.get(Serial, (self.site, each.item, each.serial)) is None:
                uow.insert(Serial(self.site, each.item, each.serial, each.key.lot, self.at))
        post(uow, self, self._movements())


@command("stock.adjust", OpClass.FACT, permission="stock.adjust")
class AdjustStock(Command):
    """The books were wrong by so many units; the reason says why."""

    key: StockKey
    difference: int
    """Units found (above zero) or missing (below)."""
    reason: str

    def _movement(self) -> Movement:
        outside = replace(self.key, location=unexplained(self.site), lpn=NO_LPN)
        if self.difference >= 0:
            return Movement(outside, self.key, self.difference, Cause.ADJUST)
        return Movement(self.key, outside, -self.difference, Cause.ADJUST)

    def reads(self) -> Reads:
        """Return both balances and the place."""
        return {
            Balance: balance_keys(self.site, [self._movement()]),
            Location: [(self.site, self.key.location), (self.site, unexplained(self.site))],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse taking more than the books have, nothing at all, and a place that is not."""
        if self.difference == 0:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": 0})
        refusal = no_place(read, self.site, self.key.location)
        if refusal is not None:
            return refusal
        have = on_hand(read, self.site, self.key)
        return Refusal(Reason.NOT_ENOUGH_STOCK, {"on_hand": have}) if have + self.difference < 0 else None

    def apply(self, uow: UnitOfWork) -> None:
        """Post the movement."""
        post(uow, self, [self._movement()])


@command("stock.hold", OpClass.FACT, permission="stock.hold")
class PlaceHold(Command):
    """A location, lot or item must not be promised or picked until somebody lets go."""

    scope: HoldScope
    target: bytes
    reason: str

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against care."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write the hold."""
        uow.insert(
            StockHold(self.site, HoldId(derive(self.id, "hold")), self.scope, self.target, self.reason, self.at, 0)
        )


@command("stock.release", OpClass.FACT, permission="stock.hold")
class LiftHold(Command):
    """A hold on stock is over."""

    hold: HoldId

    def reads(self) -> Reads:
        """Return the hold."""
        return {StockHold: [(self.site, self.hold)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a hold that is over."""
        row = read.get(StockHold, (self.site, self.hold))
        return Refusal(Reason.NOT_FOUND) if row is None or row.released_at else None

    def apply(self, uow: UnitOfWork) -> None:
        """End the hold."""
        row = uow.get(StockHold, (self.site, self.hold))
        if row is not None and row.released_at == 0:
            uow.update(row, released_at=self.at)


@command("stock.need_replenishment", OpClass.FACT, permission="allocation.promise")
class RaiseReplenishment(Command):
    """Units were promised that lie only in reserve storage."""

    needs: tuple[tuple[OwnerId, ItemId, int], ...]

    def reads(self) -> Reads:
        """Return the needs."""
        return {ReplenishmentNeed: [(self.site, owner, item) for owner, item, _ in self.needs]}

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against saying so."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write the needs as they are now; a need of nothing goes."""
        for owner, item, quantity in self.needs:
            row = uow.get(ReplenishmentNeed, (self.site, owner, item))
            if quantity > 0:
                opened = self.at if row is None else row.opened_at
                uow.put(ReplenishmentNeed(self.site, owner, item, quantity, opened))
            elif row is not None:
                uow.delete(row)
