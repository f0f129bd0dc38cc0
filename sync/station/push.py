"""Pushing: operations go up in their order until the hub has all of them; what is known there already changes nothing.

Every round begins from the file: a push whose answer was lost is simply sent again, and the hub gives the same receipts.
"""

from sync.protocol import (
    OPERATIONS_MAX,
    PUSH_BYTES,
    Push,
    Pushed,
    SentOperation,
    SentPrivate,
    sent_aside,
    sent_operation,
)
from sync.station.engines import Acknowledge, Engine, LogPart, Me, ReadLog, SendPush
from sync.station.rejoin import is_of
from sync.station.renew import is_mine


def push(me: Me) -> Engine:
    """Send what is not acknowledged yet, part by part, until nothing is left; at least one push goes out.

    Raises:
        NotMine: the file was rolled back or copied, and the hub gives it no new incarnation.
    """
    first, handed, since = True, (0, 0), -1
    while True:
        part: LogPart = yield ReadLog(OPERATIONS_MAX, handed, since)
        if not (part.operations or part.aside or part.remembered or first):
            return
        first = False
        message = _message(me, part)
        answer: Pushed = yield SendPush(message)
        if not (yield from is_of(me, message.epoch, answer.epoch)):
            handed, since = (0, 0), -1
            continue
        if not (yield from is_mine(me, message, answer)):
            # What waits may be numbered anew.
            since = -1
            continue
        again = tuple((row.entity, row.key) for row in message.remembered)
        yield Acknowledge(answer.applied_through, message.epoch, message.incarnation, again, answer.followed)
        if part.aside:
            handed = part.aside[-1].epoch, part.aside[-1].seq
        lacking = answer.applied_through < (message.operations[0].seq if message.operations else part.length)
        if lacking and not part.aside:
            # The hub lacks earlier ones, and asks for them by saying how far it is: it was set back, and the kept log has them.
            if answer.applied_through <= since:
                return
            since = answer.applied_through
        elif since >= 0:
            since = answer.applied_through if answer.applied_through < part.length else -1


def _message(me: Me, part: LogPart) -> Push:
    chosen: list[SentOperation] = []
    private: list[SentPrivate] = []
    size, before = 0, -1
    # What the hub has forgotten comes first: what was done since may rest on it.
    for each in () if part.aside else part.operations:
        # What came without an operation goes with the next one.
        beside = [row for at, rows in part.private.items() if before < at <= each.position for row in rows]
        size += len(each.body) + sum(len(row.content) for row in beside)
        if chosen and size > PUSH_BYTES:
            break
        chosen.append(sent_operation(each))
        private += beside
        before = each.position
    return Push(
        epoch=part.epoch, site=me.site, station=me.station, incarnation=part.incarnation, start=me.start,
        log_length=part.length, log_head=part.head, operations=tuple(chosen), private=tuple(private),
        cursor=part.cursor, cursor_hash=part.cursor_hash, aside=tuple(map(sent_aside, part.aside)),
        aside_left=part.aside_left, remembered=part.remembered,
    )  # fmt: skip
