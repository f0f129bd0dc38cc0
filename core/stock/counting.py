"""Counting: a number that was true when somebody counted, and reaches the books when much else may have happened.

A count carries what its station knew of the place then. What went in or out since, in the order in which the feed tells of
it, is added to the number; what other counts corrected is not, since they saw the same goods. No clock decides anything.
(Reference: sync, 8.4, *count while others pick* and *two counts of one location*.)
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.catalog.model import Location
from core.catalog.places import unexplained
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.flow import Stamp
from core.kernel.ids import CountId, SiteId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.stock.commands import no_place
from core.stock.ledger import Movement, balance_key, balance_keys, on_hand, post
from core.stock.model import NO_LPN, Balance, Cause, CountRequest, CountState, StockCount, StockKey


@dataclass(frozen=True, slots=True)
class Known:
    """What a station knew of a stock key when it was counted there."""

    books: int
    """The units that its books had."""
    counts: int = 0
    """How many counts of it had been heard of."""
    corrected: int = 0
    """By how much they had changed the books."""


def known_of(read: Read, site: SiteId, key: StockKey) -> Known:
    """Return what is known of a stock key here and now."""
    row = read.get(StockCount, balance_key(site, key))
    counts, corrected = (0, 0) if row is None else (row.counts, row.corrected)
    return Known(on_hand(read, site, key), counts, corrected)


@command("stock.count", OpClass.FACT, permission="stock.count")
class CountStock(Command):
    """Somebody counted what is there; the books follow."""

    key: StockKey
    counted: int
    request: CountId | None
    known: Known

    def _outside(self) -> StockKey:
        return replace(self.key, location=unexplained(self.site), lpn=NO_LPN)

    def reads(self) -> Reads:
        """Return the balances, what earlier counts came to, and the request that asked for the count."""
        both = Movement(self.key, self._outside(), 0, Cause.COUNT)
        return {
            Balance: balance_keys(self.site, [both]),
            StockCount: [balance_key(self.site, self.key)],
            Location: [(self.site, self.key.location), (self.site, unexplained(self.site))],
            CountRequest: [] if self.request is None else [(self.site, self.request)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a count below zero, two of one serial, and a place that is not."""
        if self.counted < 0 or (self.key.serial and self.counted > 1):
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": self.counted})
        return no_place(read, self.site, self.key.location)

    def apply(self, uow: UnitOfWork) -> None:
        """Bring the books to what was counted and what moved since, close the request.

        Whether goods that moved unheard of were still there when it was counted, nobody can say: where the count differs
        from the books as well, the place is counted once more. So it is where another count came between and says
        otherwise; then the books stay as that one left them.
        """
        now = known_of(uow, self.site, self.key)
        moved = (now.books - now.corrected) - (self.known.books - self.known.corrected)
        should = max(0, self.counted + moved)
        against = now.counts != self.known.counts and should != now.books
        difference = 0 if against else should - now.books
        self._correct(uow, difference)
        key = balance_key(self.site, self.key)
        uow.put(StockCount(*key, now.counts + 1, now.corrected + difference))  # type: ignore[call-arg]
        request = None if self.request is None else uow.get(CountRequest, (self.site, self.request))
        if request is not None and request.state is CountState.OPEN:
            uow.update(request, state=CountState.CLOSED, counted=self.counted)
        if against or (moved and difference):
            self._ask_again(uow, moved, now.books)
        uow.tell(difference=difference)

    def _correct(self, uow: UnitOfWork, difference: int) -> None:
        if difference > 0:
            post(uow, self, [Movement(self._outside(), self.key, difference, Cause.COUNT)])
        elif difference < 0:
            post(uow, self, [Movement(self.key, self._outside(), -difference, Cause.COUNT)])

    def _ask_again(self, uow: UnitOfWork, moved: int, books: int) -> None:
        """Ask for another count, and tell what was counted, what the station's books had, and what moved between."""
        uow.except_()
        key = self.key
        uow.insert(
            CountRequest(
                self.site, CountId(derive(self.id, "count")), key.owner, key.item, key.lot, key.lpn, key.location,
                "COUNTED_APART", self.at, CountState.OPEN, 0,
            )
        )  # fmt: skip
        facts: dict[str, str | int] = {
            "counted": self.counted,
            "known": self.known.books,
            "moved": moved,
            "books": books,
        }
        open_case(uow, self, CaseKind.RECOUNT, subject=key.location, facts=facts)


def plan_count(
    connection: sa.Connection, site: SiteId, key: StockKey, counted: int, stamp: Stamp, request: CountId | None = None
) -> CountStock:
    """Return the command for what was counted, with what is known here of the place."""
    known = known_of(UnitOfWork(connection), site, key)
    return CountStock(**stamp, key=key, counted=counted, request=request, known=known)


__all__ = ["CountStock", "Known", "known_of", "plan_count"]
