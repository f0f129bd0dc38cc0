"""Rules about goods, docks, cancels and what is lost, each with a switch that removes it: for tests alone; see `mutants`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from core.amending import finality
from core.amending.commands import CancelOrder
from core.catalog import fill_codes
from core.catalog.readings import FillCode
from core.kernel.commands import Command, Read
from core.kernel.executor import Executor
from core.kernel.feed import Feed
from core.kernel.ids import FulfilmentId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.packing import bench, loose, opening
from core.packing.commands import CodedFill, closing, packing, units
from core.picking import queries as questions
from core.picking import stops
from core.picking.commands import RepointTask
from core.picking.views import OtherStock
from core.rights import recovering, standing
from core.rights.gate import right_of
from core.rights.losing import MarkLost
from core.rights.model import SiteStation, Stage, StationStatus
from core.rights.queries import is_recovering
from core.rights.recovering import ListHeld
from core.shipping import commands as shipping
from core.shipping import queries as docks
from core.waves.model import BatchState
from desktop import membership
from sync.hub import leasing, planning, receiving, reclaim, recovery, witness
from sync.hub.center import Center
from sync.protocol import Push
from sync.station import files, push
from tests.simulation.dst.mutants import together, without


@without("what a station has is held against the hub's, and what differs is fetched again")
def _compared() -> Iterator[None]:
    with patch.object(files, "head_to_compare", lambda *_: None):
        yield


# The goods are the token


@without("a walk is gone on with where it is held")
def _under_way() -> Iterator[None]:
    def whoevers(_site: Any, _station: Any, person: Any, batches: Any) -> Any:
        return sa.and_(batches.c.state == BatchState.RUNNING.value, batches.c.holder == person)

    with patch.object(stops, "under_way", whoevers):
        stops._head_statement.cache_clear()
        yield
    stops._head_statement.cache_clear()


@without("a slip speaks for its own tote alone")
def _container() -> Iterator[None]:
    def read_fill_code(text: str) -> Any:
        code = fill_codes.read_fill_code(text)
        return _Anywhere(code) if isinstance(code, FillCode) else code

    with patch.object(opening, "read_fill_code", read_fill_code), patch.object(opening, "FillCode", _Anywhere):
        yield


class _Anywhere:
    """A slip that is taken for any tote's."""

    def __init__(self, code: FillCode) -> None:
        self.fill, self.container = code.fill, _Any()


class _Any:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = object.__hash__


@without("a bench refuses goods of a walk that was given to another since")
def _fence() -> Iterator[None]:
    def why_not(connection: sa.Connection, code: FillCode, order: str, whole: Any = bench._why_not_this_slip) -> Any:
        return _unless_given(whole(connection, code, order))

    def check(
        read: Read, site: SiteId, part: FulfilmentId, coded: CodedFill, whole: Any = units._check_slip
    ) -> Refusal | None:
        return _unless_given(whole(read, site, part, coded))

    with patch.object(bench, "_why_not_this_slip", why_not), patch.object(units, "_check_slip", check):
        yield


def _unless_given(found: Refusal | None) -> Refusal | None:
    return None if found is not None and found.reason is Reason.WORK_GIVEN else found


@without("a unit that two carts picked goes into a parcel once")
def _picked_twice() -> Iterator[None]:
    def check(*arguments: Any, whole: Any = units.check_units) -> Refusal | None:
        found: Refusal | None = whole(*arguments)
        return None if found is not None and found.reason is Reason.ALREADY_PACKED else found

    with (
        patch.object(loose, "_leave_the_others", lambda *_: None),
        patch.object(bench, "units_to_pack", lambda lines: lines.c.picked),
        patch.object(closing, "check_units", check),
        patch.object(packing, "check_units", check),
    ):
        yield


# The dock is the second gate


@without("units that are in a van are not loaded again")
def _units_once() -> Iterator[None]:
    def unheard(*arguments: Any, counts: bool, whole: Any = docks.why_not_unheard) -> Any:
        *before, _early = arguments
        found = whole(*before, None, counts=counts)
        return None if found is not None and found[0] is Reason.UNITS_LOADED else found

    with (
        patch.object(docks, "loaded_with", lambda *_: None),
        patch.object(docks, "why_not_unheard", unheard),
        patch.object(shipping, "why_not_unheard", unheard),
    ):
        yield


@without("one of two parcels with one number leaves")
def _number_once() -> Iterator[None]:
    with patch.object(docks, "has_the_number", lambda *_: None):
        yield


@without("a label of a lost station is void")
def _void_when_lost() -> Iterator[None]:
    def unheard(*arguments: Any, counts: bool, whole: Any = docks.why_not_unheard) -> Any:
        return whole(*arguments, counts=True)

    with patch.object(docks, "why_not_unheard", unheard), patch.object(shipping, "why_not_unheard", unheard):
        yield


@without("what has left is held")
def _held() -> Iterator[None]:
    with patch.object(reclaim, "_LEFT", ()):
        yield


@without("one dock loads a carrier at a time")
def _one_dock() -> Iterator[None]:
    def without_right(
        read: Read, command: Command, *arguments: Any, whole: Any = standing.without_right, **more: Any
    ) -> Any:
        right = right_of(command)
        if right is None or right[0] != Stage.LOAD:
            return whole(read, command, *arguments, **more)
        return None

    with patch.object(standing, "without_right", without_right):
        yield


# A cancel is a request


@without("a cancel is a request until every dock was heard")
def _request() -> Iterator[None]:
    with patch.object(finality, "_not_heard", lambda *_: iter(())):
        yield


@without("a dock that is lost keeps a cancel open")
def _lost_dock_waits() -> Iterator[None]:
    def heard_up_to(connection: sa.Connection, site: int, whole: Any = finality.heard_up_to) -> Any:
        stations = sql_of(SiteStation)
        query = sa.select(stations.c.id).where(stations.c.status == StationStatus.LOST.value)
        lost = {bytes(row[0]) for row in connection.execute(query)}
        return {dock: cursor for dock, cursor in whole(connection, site).items() if dock not in lost}

    with patch.object(finality, "heard_up_to", heard_up_to):
        yield


@without("a cancel of what nobody began is a request as well")
def _unreleased_cancels_wait() -> Iterator[None]:
    def apply(self: CancelOrder, uow: UnitOfWork, whole: Any = CancelOrder.apply) -> None:
        whole(replace(self, final=int(not (self.stops or self.put_back))), uow)

    with patch.object(CancelOrder, "apply", apply):
        yield


@without("a dock is given up only with its device switched off")
def _switched_off() -> Iterator[None]:
    def check(self: MarkLost, read: Read, whole: Any = MarkLost.check) -> Refusal | None:
        return whole(replace(self, switched_off=1), read)  # type: ignore[no-any-return]

    with patch.object(MarkLost, "check", check):
        yield


# What is lost is looked for


@without("not found waits until every dock was heard")
def _docks_heard() -> Iterator[None]:
    with patch.object(reclaim, "_docks_unheard", lambda *_: []):
        yield


@without("what a lost station held is looked for before anybody gets it")
def _frozen_until_answered() -> Iterator[None]:
    with patch.object(reclaim, "freeze_work", _set_free):
        yield


@without("what lost stations held is frozen anew before a recovery ends")
def _frozen_anew() -> Iterator[None]:
    def go_on(self: Center, connection: sa.Connection, site: SiteId, whole: Any = Center._go_on) -> None:
        with patch.object(reclaim, "freeze_work", lambda *_: None):
            whole(self, connection, site)

    with patch.object(Center, "_go_on", go_on):
        yield


@without("what is answered on the floor is free whoever the hub heard it from")
def _answered_anyhow() -> Iterator[None]:
    with patch.object(reclaim, "answered", lambda *_: ()):
        yield


def _set_free(connection: sa.Connection, site: int, *_: Any) -> None:
    """Let go of what lost stations held, as if their leases ended with them."""
    lease, stations = "work_lease", "site_station"
    with connection.begin():
        connection.exec_driver_sql(
            f"DELETE FROM {lease} WHERE station IN (SELECT id FROM {stations} WHERE status = 'lost')"
        )


# Epochs


@without("numbers of every epoch begin above those before")
def _numbers_of_an_epoch() -> Iterator[None]:
    with patch.object(recovery, "_skipped", lambda *_: ()):
        yield


@without("rows of an older epoch are not taken")
def _rows_of_an_epoch() -> Iterator[None]:
    def take(self: Executor, rows: Sequence[Feed], epoch: int = 0, whole: Any = Executor.take) -> Any:
        return whole(self, rows)

    with patch.object(Executor, "take", take):
        yield


@without("a hub finds by its witness that it was set back")
def _witnessed() -> Iterator[None]:
    with patch.object(witness, "was_set_back", lambda *_: False):
        yield


@without("a hub that was away listens before it gives anything out")
def _listens() -> Iterator[None]:
    def only_recovering(connection: Any, site: Any, _at: int) -> bool:
        return is_recovering(connection, site)

    with (
        patch.object(leasing, "gives_nothing", only_recovering),
        patch.object(planning, "gives_nothing", only_recovering),
    ):
        yield


@without("a carrier waits for every dock where the hub was away")
def _every_dock() -> Iterator[None]:
    with patch.object(leasing, "unheard", lambda *_: ()):
        yield


@without("a station's place in the feed tells a hub that it was set back")
def _place() -> Iterator[None]:
    with patch.object(receiving.Receiver, "_shares", lambda *_: True):
        yield


@without("a lease that nobody lists is dropped when all were heard")
def _swept() -> Iterator[None]:
    with patch.object(recovering, "is_current", lambda *_: True):
        yield


@without("a break that the hub forgot is seen by the incarnation that it does not know")
def _break_kept() -> Iterator[None]:
    def apply(self: ListHeld, uow: Any, whole: Any = ListHeld.apply) -> None:
        before = uow.get(SiteStation, (self.site, self.station))
        whole(self, uow)
        after = uow.get(SiteStation, (self.site, self.station))
        if before is not None and after is not None and after.broke > before.broke:
            uow.update(after, broke=before.broke)

    with patch.object(ListHeld, "apply", apply):
        yield


@without("a station that was given up and speaks asks to go on where the hub forgot that it did")
def _goes_on() -> Iterator[None]:
    with patch.object(receiving, "goes_on_under", lambda station, push: max(station.incarnation, push.incarnation)):
        yield


@without("a start that a file never had tells it of its copy")
def _start_id() -> Iterator[None]:
    def is_mine(me: Any, sent: Any, answer: Any, whole: Any = push.is_mine) -> Any:
        return (yield from whole(me, sent, replace(answer, newest_start=me.start)))

    with patch.object(push, "is_mine", is_mine):
        yield


@without("of two stopped files one that is started anew goes on")
def _started_anew() -> Iterator[None]:
    def note_start(*arguments: Any, whole: Any = receiving.Receiver._note_start) -> tuple[bytes, bool]:
        return whole(*arguments)[0], True

    with patch.object(receiving.Receiver, "_note_start", note_start):
        yield


# What is kept beside a walk


@without("a station takes other units only of what is kept for its walk")
def _kept_beside() -> Iterator[None]:
    def asking(other: OtherStock) -> OtherStock:
        return replace(other, asks=0)

    with patch.object(RepointTask, "unheard", lambda *_: None), patch.object(questions, "_asking", asking):
        yield


# What the office wants


@without("work that was asked for again is given back")
def _given_back() -> Iterator[None]:
    def held_work(*arguments: Any, whole: Any = files.held_work) -> Any:
        return replace(whole(*arguments), recalled=())

    with patch.object(files, "held_work", held_work):
        yield


@without("a file that the hub knows more of is an old one")
def _older_file() -> Iterator[None]:
    def is_mine(me: Any, sent: Push, answer: Any, whole: Any = push.is_mine) -> Any:
        nothing = {"applied_through": 0, "forked": 0, "incarnation": sent.incarnation, "newest_start": me.start}
        return (yield from whole(me, sent, replace(answer, **nothing)))

    with patch.object(push, "is_mine", is_mine):
        yield


@without("a pulled operation of the file's own that its log lacks says that it is an old one")
def _strange() -> Iterator[None]:
    with patch.object(Executor, "_strange_to", lambda *_: 0):
        yield


@without("a file of which the witness saw more is an old one")
def _saw_more() -> Iterator[None]:
    with patch.object(standing, "saw_more", lambda *_: False):
        yield


@without("a walk is not gone on with until the file is sure to be the newest")
def _sure_to_go_on() -> Iterator[None]:
    def refused_here(connection: sa.Connection, command: Command, whole: Any = standing.refused_here) -> Refusal | None:
        found: Refusal | None = whole(connection, command)
        goes_on = command.goes_on_with() is not None and right_of(command) is None
        return None if goes_on and found is not None and found.reason is Reason.STATION_UNSURE else found

    with patch.object(membership, "refused_here", refused_here):
        yield


together(
    "goods of a walk that was given to another since do not leave", "units that are in a van are not loaded again",
    "a bench refuses goods of a walk that was given to another since",
)  # fmt: skip
together(
    "a station follows a hub that was set back", "rows of an older epoch are not taken",
    "a station's place in the feed tells a hub that it was set back",
)  # fmt: skip
together(
    "what a lost station labelled leaves once", "a label of a lost station is void", "what has left is held"
)  # fmt: skip
together(
    "what an older life of a file held is nobody's when a recovery ends", "a lease that nobody lists is dropped when all were heard",
    "what lost stations held is frozen anew before a recovery ends",
)  # fmt: skip
together(
    "what an older life of a file did is looked for where the hub forgot that it broke",
    "a break that the hub forgot is seen by the incarnation that it does not know",
    "what lost stations held is frozen anew before a recovery ends",
)  # fmt: skip
together(
    "what two copies of a file did leaves once", "units that are in a van are not loaded again",
    "a start that a file never had tells it of its copy",
)  # fmt: skip
together(
    "what is finally cancelled is in no dock's hands", "a dock that is lost keeps a cancel open",
    "a dock is given up only with its device switched off",
)  # fmt: skip
together(
    "a badge at two carts does not pick twice", "a walk is gone on with where it is held",
    "a walk that others hold is not gone on with",
)  # fmt: skip

together(
    "an old file hears that it is one", "a file that the hub knows more of is an old one",
    "a pulled operation of the file's own that its log lacks says that it is an old one",
    "a file of which the witness saw more is an old one",
)  # fmt: skip

MASKED: dict[str, tuple[str, ...]] = {
    "a file that the hub knows more of is an old one": ("an old file hears that it is one",),
    "a pulled operation of the file's own that its log lacks says that it is an old one": (
        "an old file hears that it is one",
    ),
    "a walk is gone on with where it is held": ("a badge at two carts does not pick twice",),
    "a label of a lost station is void": ("what a lost station labelled leaves once",),
    "what has left is held": ("what a lost station labelled leaves once",),
    "a bench refuses goods of a walk that was given to another since": (
        "goods of a walk that was given to another since do not leave",
    ),
    "a start that a file never had tells it of its copy": ("what two copies of a file did leaves once",),
    "a lease that nobody lists is dropped when all were heard": (
        "what an older life of a file held is nobody's when a recovery ends",
    ),
    "a break that the hub forgot is seen by the incarnation that it does not know": (
        "what an older life of a file did is looked for where the hub forgot that it broke",
    ),
    "what lost stations held is frozen anew before a recovery ends": (
        "what an older life of a file held is nobody's when a recovery ends",
        "what an older life of a file did is looked for where the hub forgot that it broke",
    ),
    "rows of an older epoch are not taken": ("a station follows a hub that was set back",),
    "a dock that is lost keeps a cancel open": ("what is finally cancelled is in no dock's hands",),
    "a dock is given up only with its device switched off": ("what is finally cancelled is in no dock's hands",),
}
"""As in `mutants`."""

__all__ = ["MASKED"]
