"""What stations remember of a hub's feed and the hub itself does not: it is taken back by its rows, under its own id.

The one thing a newcomer would get wrong: the operation is not applied again, since nobody has it but its author; what it
left behind is. Rows that nothing touched since are what they were. Of those that something did touch, what must never be
forgotten is kept (who had a fence, which numbers were given out, who was given up); the rest stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.feed import TRAVELS, FeedBroken, key_of, row_of
from core.kernel.ids import SiteId, StationId
from core.kernel.numbers import NumberRange
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.replica import show
from core.kernel.tables import TABLES, Key, Row, TableInfo
from core.kernel.uow import UnitOfWork
from core.rights.model import LeaseState, SiteStation, StationStatus, WorkLease


@dataclass(frozen=True, slots=True)
class Remembered:
    """A row that an operation left behind."""

    entity: str
    key: str
    content: str
    """Empty for a row that was gone afterwards."""
    untouched: int
    """1 where nothing has written the row since the hub was set back."""


@command("rights.remember", OpClass.FACT, permission="rights.recover")
class Remember(Command):
    """An operation that the hub had forgotten is in its books again; it has the id it had."""

    rows: tuple[Remembered, ...]
    kind: str
    """What it was."""
    station: StationId
    incarnation: int
    seq: int
    recovering: int
    """1 while the hub grants nothing: afterwards a lease that it had forgotten is none any more."""

    def reads(self) -> Reads:
        """Return the rows."""
        wanted: dict[type[Row], list[Key]] = {}
        for each in self.rows:
            found = _place(each, self.site)
            if found is not None:
                wanted.setdefault(found[0].cls, []).append(found[1])
        return wanted

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against remembering."""
        return Refusal(Reason.NOT_FOUND) if not self.rows and not self.kind else None

    def apply(self, uow: UnitOfWork) -> None:
        """Bring the rows back."""
        for each in self.rows:
            found = _place(each, self.site)
            if found is None:
                continue
            info, key = found
            told = None if not each.content else _row(info, key, each.content)
            if told is None and each.content:
                continue
            keeps = _KEPT.get(info.cls)
            if keeps is not None and told is not None:
                keeps(uow, told, bool(self.recovering))
            elif each.untouched:
                show(uow, info, key, told, confirmed=True)


def _place(each: Remembered, site: SiteId) -> tuple[TableInfo, Key] | None:
    """Return table and key of a row of this site that travels; None where this program does not know them."""
    info = TABLES.get(each.entity)
    if info is None or info.kind not in TRAVELS:
        return None
    try:
        key = key_of(info, each.key)
    except (ValueError, TypeError):
        return None
    return (info, key) if key[0] == site else None


def _row(info: TableInfo, key: Key, content: str) -> Row | None:
    try:
        row = row_of(info, content)
    except (FeedBroken, ValueError, TypeError):
        return None
    return row if info.key_of(row) == key else None


def _keep_lease(uow: UnitOfWork, told: Row, recovering: bool) -> None:
    """A lease counts above the fence that is known, and only while nothing is granted; afterwards its fence alone does."""
    assert isinstance(told, WorkLease)
    row = uow.get(WorkLease, (told.site, told.stage, told.work))
    if row is not None and (row.epoch, row.fence) >= (told.epoch, told.fence):
        return
    state = LeaseState.RELEASED if told.state is LeaseState.HELD and not recovering else told.state
    uow.put(replace(told, state=state))


def _keep_numbers(uow: UnitOfWork, told: Row, _recovering: bool) -> None:
    """Numbers that were given out are not given out again."""
    assert isinstance(told, NumberRange)
    row = uow.get(NumberRange, told.TABLE.key_of(told))
    uow.put(told if row is None else replace(row, next=max(row.next, told.next)))


def _keep_station(uow: UnitOfWork, told: Row, _recovering: bool) -> None:
    """A mark of loss is set again, and none that was set since is taken off; of two lives of a file the later one counts."""
    assert isinstance(told, SiteStation)
    row = uow.get(SiteStation, told.TABLE.key_of(told))
    if row is None:
        uow.put(told)
        return
    later = told if told.incarnation > row.incarnation else row
    marked = told if told.incarnation == row.incarnation and row.status is StationStatus.ACTIVE else later
    if row.status is StationStatus.LOST and row.broke > told.broke:
        # It was given up since whoever goes on in what is told.
        marked = row
    revoked = StationStatus.REVOKED in (told.status, row.status)
    uow.put(
        replace(
            told if told.version > row.version else row, status=StationStatus.REVOKED if revoked else marked.status,
            incarnation=later.incarnation, listed=max(row.listed, told.listed), broke=max(row.broke, told.broke),
        )
    )  # fmt: skip


_KEPT: dict[type[Row], Callable[[UnitOfWork, Row, bool], None]] = {
    WorkLease: _keep_lease,
    NumberRange: _keep_numbers,
    SiteStation: _keep_station,
}
