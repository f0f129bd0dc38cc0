"""Giving a station up, and what was found of its work on the floor: decided at the hub, with the site's turn in hand."""

from collections.abc import Iterable
from itertools import chain, islice

import sqlalchemy as sa

from core.catalog.parcel_codes import ParcelCode
from core.kernel.clock import Clock
from core.kernel.commands import Command
from core.kernel.feed import head_of
from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, NO_SESSION, SYSTEM, CommandId, IdSource, SiteId, StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.orders.commands import HoldOrder
from core.orders.model import Fulfilment
from core.picking.reclaim import LINES_MAX, AnswerFloor, EndFloor, ListFloor, answered, lines_of_frozen, still_held
from core.rights.losing import MarkLost
from core.rights.model import LOADING, FloorAnswer, FloorLine, SiteStation, Stage, StationHeard, StationStatus
from core.rights.queries import docks_on_hold
from core.shipping.floor import FindBox, lines_of_carriers
from sync.hub.receiving import Receiver
from sync.hub.recovery import was_applied
from sync.hub.renewing import freeze_work
from sync.protocol import SentReceipt

_LEFT = (FloorAnswer.GONE, FloorAnswer.PRESUMED_GONE)
"""What is not picked again."""


def mark_lost(
    connection: sa.Connection, station: SiteStation, reason: str, clock: Clock, ids: IdSource, *, switched_off: bool
) -> SentReceipt:
    """Give a station up: what it held is frozen and put on the floor list.

    Args:
        connection: the central database's, outside a transaction.
        station: which one.
        reason: why, in words.
        clock: the hub's.
        ids: gives the operations' ids.
        switched_off: whether its device is in somebody's hand and off; a dock is given up in no other way.
    """

    def decide(connection: sa.Connection) -> MarkLost:
        row = UnitOfWork(connection).get(SiteStation, (station.site, station.id))
        known = 0 if row is None else row.incarnation
        return MarkLost(
            **_stamp(station.site, clock, ids), station=station.id, reason=reason, switched_off=int(switched_off),
            incarnation=max(known, head_of(connection, station.site).epoch) + 1,
        )  # fmt: skip

    made = Receiver(connection, station.site).decide(decide, boot_ns=clock.boot_ns())
    assert made is not None
    if was_applied(made):
        look_for_lost_work(connection, station.site, clock, ids)
    return made[1]


def look_for_lost_work(connection: sa.Connection, site: SiteId, clock: Clock, ids: IdSource) -> None:
    """Freeze what lost and renewed stations held, and put its orders on the floor list; nothing where that is done.

    What is answered already is free: a hub that was set back hears of lists and answers from whoever heard them.
    """
    freeze_work(connection, site, clock, ids)

    def decide(connection: sa.Connection) -> ListFloor | None:
        lines = tuple(islice(chain(lines_of_frozen(connection, site), lines_of_carriers(connection, site)), LINES_MAX))
        mark = head_of(connection, site).seq
        return ListFloor(**_stamp(site, clock, ids), lines=lines, mark=mark, epoch=0, last=0) if lines else None

    def ends(connection: sa.Connection) -> EndFloor | None:
        leases = answered(connection, site)
        return EndFloor(**_stamp(site, clock, ids), leases=leases) if leases else None

    for each in (decide, ends):
        while was_applied(Receiver(connection, site).decide(each, boot_ns=clock.boot_ns())):
            pass


def open_lines(connection: sa.Connection, site: SiteId) -> tuple[FloorLine, ...]:
    """Return what is still to be looked for."""
    lines = sql_of(FloorLine)
    query = sa.select(lines).where(lines.c.site == site, lines.c.answer == FloorAnswer.OPEN.value)
    return rows_of(FloorLine, connection.execute(query.order_by(lines.c.work, lines.c.id)))


def answer_floor(
    connection: sa.Connection, site: SiteId, line: bytes, answer: FloorAnswer, clock: Clock, ids: IdSource
) -> Refusal | FloorAnswer:
    """Answer a line; *not found* becomes *presumed gone* where a dock that lost its memory may have loaded it.

    Returns:
        What was written, or why nothing was.
    """
    told: list[Refusal | FloorAnswer] = []

    def decide(connection: sa.Connection) -> Iterable[Command]:
        row = UnitOfWork(connection).get(FloorLine, (site, line))
        if row is None or row.answer is not FloorAnswer.OPEN:
            told.append(Refusal(Reason.NOT_FOUND, {"got": line.hex()}))
            return
        decided = answer
        if answer is FloorAnswer.NOT_FOUND:
            unheard = _docks_unheard(connection, site, row)
            if unheard:
                told.append(Refusal(Reason.DOCKS_NOT_HEARD, {"station": ", ".join(unheard)}))
                return
            if _dock_broke(connection, site, row.fence):
                decided = FloorAnswer.PRESUMED_GONE
        told.append(decided)
        rest = [
            each
            for each in open_lines(connection, site)
            if (each.stage, each.work) == (row.stage, row.work) and each.id != row.id
        ]
        yield AnswerFloor(
            **_stamp(site, clock, ids), line=line, answer=decided, stage=row.stage, work=row.work, fence=row.fence,
            ends=int(not rest), lets_go=still_held(connection, row) if decided in _LEFT else (),
        )  # fmt: skip
        if decided in _LEFT and row.order != NO_ID:
            # Whatever of it turns up yet is stopped, at the bench and at the dock.
            yield HoldOrder(**_stamp(site, clock, ids), order=row.order, fulfilments=(row.fulfilment,), reason="FLOOR")

    Receiver(connection, site).decide_all(decide, boot_ns=clock.boot_ns())
    return told[0]


def find_box(connection: sa.Connection, site: SiteId, code: ParcelCode, clock: Clock, ids: IdSource) -> Refusal | None:
    """Write that a labelled box is here whose bench is lost; return why that cannot be."""
    told: list[Refusal | None] = []

    def decide(connection: sa.Connection) -> FindBox | None:
        books = UnitOfWork(connection)
        head = books.get(Fulfilment, (site, code.fulfilment))
        if head is None or code.site != site:
            told.append(Refusal(Reason.NOT_FOUND, {"got": code.sscc}))
            return None
        found = FindBox(**_stamp(site, clock, ids), code=code, order=head.order)
        told.append(found.check(books))
        return None if told[0] is not None else found

    Receiver(connection, site).decide(decide, boot_ns=clock.boot_ns())
    return told[0]


def _docks_unheard(connection: sa.Connection, site: SiteId, line: FloorLine) -> list[str]:
    """Return the docks that are on hold, or take part and have not pushed to the end of their log since they knew of the loss.

    What a dock on hold may have loaded is looked for without waiting for that very dock.
    """
    stations, heard = sql_of(SiteStation), sql_of(StationHeard)
    epoch = head_of(connection, site).epoch
    since = sa.exists().where(
        heard.c.site == site, heard.c.station == stations.c.id, heard.c.cursor >= line.mark, heard.c.applied >= heard.c.length,
        heard.c.epoch == epoch, heard.c.incarnation == stations.c.incarnation,
    )  # fmt: skip
    out = (StationStatus.LOST.value, StationStatus.REVOKED.value)
    on_hold = docks_on_hold(connection, site) - ({line.station} if line.stage is Stage.LOAD else set())
    unheard = sa.and_(stations.c.kind.in_([each.value for each in LOADING]), stations.c.status.not_in(out), ~since)
    query = sa.select(stations.c.name).where(
        stations.c.site == site, sa.or_(unheard, stations.c.id.in_(sorted(on_hold))),
        sa.true() if line.stage is not Stage.LOAD else stations.c.id != line.station,
    )  # fmt: skip
    return [str(row[0]) for row in connection.execute(query.order_by(stations.c.name))]


def _dock_broke(connection: sa.Connection, site: SiteId, fence: int) -> bool:
    """Return whether a dock lost its memory since the work was given out: it may have loaded what it does not know of."""
    stations = sql_of(SiteStation)
    query = sa.select(sa.func.count()).where(
        stations.c.site == site, stations.c.kind.in_([each.value for each in LOADING]), stations.c.broke > fence
    )
    return bool(connection.execute(query).scalar_one())


def station_named(connection: sa.Connection, site: SiteId, name: str) -> SiteStation | None:
    """Return a station by its name."""
    stations = sql_of(SiteStation)
    query = sa.select(stations).where(stations.c.site == site, stations.c.name == name)
    found = rows_of(SiteStation, connection.execute(query))
    return found[0] if found else None


def _stamp(site: SiteId, clock: Clock, ids: IdSource) -> Stamp:
    return Stamp(id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION)


__all__ = ["StationId", "answer_floor", "look_for_lost_work", "mark_lost", "open_lines", "station_named"]
