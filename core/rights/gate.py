"""The second gate of a station that shares its site: a claim needs a lease that this station holds, a number its range.

It is asked at the station before the act and at the hub when the operation comes, by the same function. Where a station is
alone there are no leases, and nobody asks.
"""

from core.kernel.commands import Command, OpClass, Read, Reads
from core.kernel.ids import StationId
from core.kernel.numbers import NumberRange
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.rights.model import PLANNING, LeaseState, Stage, WorkLease


def right_of(command: Command) -> tuple[str, bytes] | None:
    """Return the right that a command needs before the act; None for none.

    A claim needs the one it names. A fact needs none, the goods in hand are its right; but those that no tote binds to
    their order are only the bench's that holds them, and a carrier's parcels only the dock's that loads it.
    """
    right = command.claims()
    needed = command.CLASS is OpClass.CLAIM or (right is not None and right[0] in (Stage.PACK, Stage.LOAD))
    return right if needed else None


def right_reads(command: Command) -> Reads:
    """Return the keys of the rows that say whether a station that did a command had the right to."""
    ranges = [(command.site, name, number.range) for name, number in command.numbers()]
    right = command.claims() or command.goes_on_with()
    return {NumberRange: ranges, WorkLease: [] if right is None else [(command.site, *right)]}


def given_since(read: Read, command: Command, fence: int) -> Refusal | None:
    """Return that the work was given to others since it was done under a lease; None where it was not.

    Args:
        read: rows by key.
        command: any command.
        fence: of the lease, as the operation has it; 0 for none.
    """
    right = command.claims() or command.goes_on_with()
    if not fence or right is None:
        return None
    row = read.get(WorkLease, (command.site, *right))
    given = row is not None and row.fence > fence
    return Refusal(Reason.WORK_GIVEN, {"work": right[1].hex()}) if given else None


def without_right(
    read: Read, command: Command, station: StationId, incarnation: int, epoch: int = 0, *, here: bool = False
) -> Refusal | None:
    """Return why a station may not do what a command claims, or None.

    Args:
        read: rows by key.
        command: any command.
        station: who claims.
        incarnation: of the station's file: a file that was rolled back holds nothing of what it held.
        epoch: the newest that the station knows of when it acts; numbers of an older one are not given out any more.
            0 where it acted before.
        here: whether it is to happen here and now: only then a fact that needs a right is refused.
    """
    for name, number in command.numbers():
        lent = read.get(NumberRange, (command.site, name, number.range))
        if lent is None or (lent.station, lent.incarnation) != (station, incarnation) or lent.epoch < epoch:
            return Refusal(Reason.NUMBERS_OUT, {"name": name, "number": number.value})
    right = right_of(command) if here or command.CLASS is OpClass.CLAIM else None
    if right is None:
        return None
    if right == PLANNING:
        return Refusal(Reason.PLANNED_ELSEWHERE)
    row = read.get(WorkLease, (command.site, *right))
    held = row is not None and row.state is LeaseState.HELD
    if row is not None and held and row.station == station and row.incarnation == incarnation:
        return None
    reason = Reason.CARRIER_ELSEWHERE if right[0] == Stage.LOAD else Reason.WORK_HELD
    return Refusal(reason, {"work": right[1].hex()})
