"""Pushing: operations go up in their order until the hub has all of them; what is known there already changes nothing.

Every round begins from the file: a push whose answer was lost is simply sent again, and the hub gives the same receipts.
"""

from sync.protocol import OPERATIONS_MAX, PUSH_BYTES, Push, Pushed, SentOperation, SentPrivate, sent_operation
from sync.station.engines import Acknowledge, Engine, LogPart, Me, NotMine, ReadLog, SendPush


def push(me: Me) -> Engine:
    """Send what is not acknowledged yet, part by part, until nothing is left; at least one push goes out.

    Raises:
        NotMine: the hub has operations under this station's name that are not in its log.
    """
    first = True
    while True:
        part: LogPart = yield ReadLog(OPERATIONS_MAX)
        if not part.operations and not first:
            return
        first = False
        message = _message(me, part)
        answer: Pushed = yield SendPush(message)
        if answer.forked or answer.applied_through > part.length:
            number = answer.forked or answer.applied_through
            raise NotMine(f"the hub has another operation {number} of this station than its file")
        yield Acknowledge(answer.applied_through)
        if message.operations and answer.applied_through < message.operations[0].seq:
            # Nothing of it was taken: the hub lacks earlier ones, and asks for them by saying how far it is.
            return


def _message(me: Me, part: LogPart) -> Push:
    chosen: list[SentOperation] = []
    private: list[SentPrivate] = []
    size, before = 0, -1
    for each in part.operations:
        # What came without an operation goes with the next one.
        beside = [row for at, rows in part.private.items() if before < at <= each.position for row in rows]
        size += len(each.body) + sum(len(row.content) for row in beside)
        if chosen and size > PUSH_BYTES:
            break
        chosen.append(sent_operation(each))
        private += beside
        before = each.position
    return Push(
        epoch=part.epoch, site=me.site, station=me.station, incarnation=me.incarnation, start=me.start,
        log_length=part.length, log_head=part.head, operations=tuple(chosen), private=tuple(private),
    )  # fmt: skip
