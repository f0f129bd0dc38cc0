"""Label numbers of pallets and cartons that no parcel was closed with: written down, so that nobody gives them out again.

A number stands for one pallet or carton; another may have it a year after the first left, at the earliest (GS1 General
Specifications 2.2.1).
"""

from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.numbers import Number, NumberRange, is_free, take
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.packing.commands.leaving import SSCC_NUMBERS
from core.packing.model import Parcel, PrintedSscc, StoppedLabel

NUMBERS_AT_ONCE = 200
YEAR_MS = 366 * 24 * 60 * 60 * 1000


@command("packing.use_ssccs", OpClass.FACT, permission="print.paper")
class UseSsccs(Command):
    """Label numbers are given out that somebody's list names, or that were drawn for one."""

    ssccs: tuple[str, ...]
    """18 digits each."""
    drawn: tuple[Number, ...] = ()
    """The serials of those that came out of the station's own range."""

    def numbers(self) -> tuple[tuple[str, Number], ...]:
        """Return those that were drawn."""
        return tuple((SSCC_NUMBERS, number) for number in self.drawn)

    def reads(self) -> Reads:
        """Return what is known of the numbers, and the ranges that some come out of."""
        keys = [(self.site, each) for each in self.ssccs]
        ranges = dict.fromkeys((self.site, SSCC_NUMBERS, each.range) for each in self.drawn)
        return {PrintedSscc: keys, StoppedLabel: keys, NumberRange: list(ranges)}

    def finds(self) -> Finds:
        """Return the parcels that bear them."""
        return {(Parcel, "sscc"): [(self.site, each) for each in self.ssccs]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a number that stands for something since less than a year, and one that is not the station's to give."""
        if any(not is_free(read, self.site, SSCC_NUMBERS, each) for each in self.drawn):
            return Refusal(Reason.NUMBERS_OUT, {"number": self.drawn[0].value})
        since, keys = self.at - YEAR_MS, [(self.site, each) for each in self.ssccs]
        borne = {row.sscc for row in read.find(Parcel, "sscc", keys).values() if row.closed_at > since}
        for key in keys:
            printed, stopped = read.get(PrintedSscc, key), read.get(StoppedLabel, key)
            recent = (printed is not None and printed.at > since) or (stopped is not None and stopped.at > since)
            if recent or key[1] in borne or len(set(self.ssccs)) < len(self.ssccs):
                return Refusal(Reason.LABEL_TWICE, {"label": key[1]})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write them down, and move the range on."""
        for each in self.ssccs:
            uow.put(PrintedSscc(self.site, each, self.at))
        for number in self.drawn:
            take(uow, self.site, SSCC_NUMBERS, number)
