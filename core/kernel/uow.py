"""The unit of work: the only way rows are written, and therefore the only place that knows what changed.

It is an identity map over the keys a command's `reads` named, fetched together, with write-behind: inserts, updates and
deletes of one table are one statement each, sent together (`together.py`), and an update names the columns that changed,
so that indexes of others stay as they are. What it saw is what the operation's `Changes` say and what the timeline
(`op_touch`) records.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Any, cast

import sqlalchemy as sa

from core.kernel.commands import Reads
from core.kernel.feed import TRAVELS, Written
from core.kernel.ids import CommandId, SiteId
from core.kernel.operations import TOUCH_ORDER, OperationOutcome, OpTouch
from core.kernel.private import going_out
from core.kernel.refusal import Bug
from core.kernel.shadow import shadowing
from core.kernel.statements import IfThere, delete_rows, found_by, insert_rows, quoted, select_rows, update_rows
from core.kernel.tables import Key, R, Row, TableClass, TableInfo, Values
from core.kernel.together import Statement, send

ByClass = Mapping[type[Row], Sequence[Values]]
"""Rows by their values alone."""
_NONE: ByClass = {}

_KEYS_TOGETHER = 80
"""Rows of several tables that are read by one statement; beyond them its text would differ every time."""
_KEYS_PER_SELECT = 400
"""SQLite takes 32,766 parameters a statement, PostgreSQL 65,535; the widest key has eight parts."""


class Role(StrEnum):
    """Whether this database decides (standalone station, hub) or follows (a station of a hub)."""

    AUTHORITY = "authority"
    REPLICA = "replica"


class _Pending(StrEnum):
    CLEAN = "clean"
    INSERT = "insert"
    UPDATE = "update"
    ADD = "add"
    """Inserted, or left alone where its key is there: a row that nobody read before."""
    SAVE = "save"
    """Inserted, or updated where its key is there: a row that nobody read before."""
    DELETE = "delete"


_THERE = {
    _Pending.INSERT: IfThere.FAILS, _Pending.ADD: IfThere.STAYS, _Pending.SAVE: IfThere.GIVES_WAY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changes:
    """What went stale: table names and the orders touched; never the new data."""

    tables: frozenset[str]
    orders: frozenset[bytes]

    def touches(self, *classes: type[Row]) -> bool:
        """Return whether rows of any of these classes changed."""
        return any(cls.TABLE.name in self.tables for cls in classes)


NO_CHANGES = Changes(frozenset(), frozenset())


class _Entry:
    """A row of the identity map: as the database has it, as it will be, and what is to be done."""

    __slots__ = ("before", "pending", "row")

    def __init__(self, row: Row | None, pending: _Pending) -> None:
        self.before = row
        self.row = row
        self.pending = pending


class UnitOfWork:
    """Reads by key and writes of one transaction.

    Attributes:
        role: whether this database decides or follows.
        at_origin: whether the command happens here; where an operation is applied again (hub, rebuild), rows of LOCAL
            tables are neither read nor written.
    """

    def __init__(
        self, connection: sa.Connection, *, role: Role = Role.AUTHORITY, at_origin: bool = True, watched: bool = False
    ) -> None:
        """Start with nothing read and nothing to write on an open transaction.

        Args:
            connection: the open transaction's.
            role: whether this database decides or follows.
            at_origin: whether the command happens here.
            watched: whether somebody asks what was written: a feed does, and what keeps confirmed images.
        """
        self._connection = connection
        self._mark = "?" if connection.dialect.name == "sqlite" else "%s"
        self._entries: dict[TableInfo, dict[Key, _Entry]] = defaultdict(dict)
        self._result: dict[str, str | int] = {}
        self._orders: set[bytes] = set()
        self._touched: set[tuple[SiteId, bytes]] = set()
        """Sites and orders that the operation which is going on concerns."""
        self._touches: list[tuple[SiteId, str, bytes, CommandId]] = []
        """Rows of timelines that are to be written."""
        self._tables: set[str] = set()
        self._exceptional = False
        self._statements: list[Statement] = []
        self._unread: dict[tuple[TableInfo, _Pending], list[Values]] = defaultdict(list)
        """Rows to add or to save that nobody has asked for."""
        self._written: dict[tuple[TableInfo, Key], Row | None] | None = {} if watched else None
        """What travels and was written since it was last asked for, as it was before."""
        self.role = role
        self.at_origin = at_origin

    # Reading

    def fetch(self, reads: Reads, command: tuple[SiteId, CommandId] | None = None) -> tuple[int, str] | None:
        """Bring the rows of these keys into the identity map: in one statement, or one a table where they are many.

        Args:
            reads: the keys.
            command: site and id of the command whose operation is looked for beside them.

        Returns:
            Time and result of the command's operation, None when it is not in the log.
        """
        wanted: dict[TableInfo, list[Key]] = {}
        for cls, keys in reads.items():
            self._settle(cls.TABLE)
            known = self._entries[cls.TABLE]
            missing = [key for key in dict.fromkeys(keys) if key not in known]
            if missing:
                wanted[cls.TABLE] = missing
        if self._mark == "?" and len(wanted) > 1 and sum(map(len, wanted.values())) <= _KEYS_TOGETHER:
            return self._load_together(wanted, command)
        for info, missing in wanted.items():
            self._load(info, missing)
        return None if command is None else self._applied(command)

    def _applied(self, command: tuple[SiteId, CommandId]) -> tuple[int, str] | None:
        sql = f"SELECT device_ms, result FROM op_log WHERE site={self._mark} AND id={self._mark}"
        found = self._connection.exec_driver_sql(sql, command).first()
        return None if found is None else (int(found[0]), str(found[1]))

    def get(self, cls: type[R], key: Key) -> R | None:
        """Return the row of a key as this transaction sees it, or None."""
        if self._unread:
            self._settle(cls.TABLE)
        entry = self._entries[cls.TABLE].get(key)
        if entry is None:
            self._load(cls.TABLE, [key])
            entry = self._entries[cls.TABLE][key]
        return cast("R | None", entry.row)

    def find(self, cls: type[R], name: str, values: Iterable[Key]) -> dict[Key, R]:
        """Return rows by a uniqueness their table declares, as this transaction sees them.

        Args:
            cls: the row class.
            name: which of its uniquenesses.
            values: the values of its columns, one tuple a row; or of its first columns, all tuples as long.
        """
        info = cls.TABLE
        self._settle(info)
        columns = info.unique[name].columns
        wanted = list(dict.fromkeys(values))
        width = len(wanted[0]) if wanted else 0
        entries = self._entries[info]
        for start in range(0, len(wanted), _KEYS_PER_SELECT):
            where, given = found_by(info, columns[:width], wanted[start : start + _KEYS_PER_SELECT], self._mark)
            for raw in self._connection.exec_driver_sql(select_rows(info, where), given):
                row = info.row(raw)
                entries.setdefault(info.key_of(row), _Entry(row, _Pending.CLEAN))
        asked = set(wanted)
        seen = ((entry.row, _parts(entry.row, columns)) for entry in entries.values() if entry.row is not None)
        return {parts: cast("R", row) for row, parts in seen if parts[:width] in asked}

    def _load_together(
        self, wanted: Mapping[TableInfo, Sequence[Key]], command: tuple[SiteId, CommandId] | None
    ) -> tuple[int, str] | None:
        """Read several tables by one statement; SQLite alone lets the columns of a union differ in type."""
        infos = [info for info, keys in wanted.items() if self._expect(info, keys)]
        width = max([2, *(len(info.columns) for info in infos)])
        parts: list[str] = []
        values: list[Any] = []
        for number, info in enumerate(infos):
            where, given = found_by(info, info.key, wanted[info], self._mark)
            names = ",".join((*map(quoted, info.columns), *["NULL"] * (width - len(info.columns))))
            parts.append(f"SELECT {number},{names} FROM {quoted(info.name)} WHERE {where}")
            values.extend(given)
        if command is not None:
            rest = ",NULL" * (width - 2)
            parts.append(f"SELECT -1,device_ms,result{rest} FROM op_log WHERE site={self._mark} AND id={self._mark}")
            values.extend(command)
        if not parts:
            return None
        applied = None
        for raw in self._connection.exec_driver_sql(" UNION ALL ".join(parts), tuple(values)):
            if raw[0] < 0:
                applied = (int(raw[1]), str(raw[2]))
                continue
            info = infos[raw[0]]
            row = info.row(raw[1 : len(info.columns) + 1])
            self._entries[info][info.key_of(row)] = _Entry(row, _Pending.CLEAN)
        return applied

    def _expect(self, info: TableInfo, keys: Sequence[Key]) -> bool:
        """Note that these keys are looked for, and return whether they may be here at all."""
        entries = self._entries[info]
        for key in keys:
            entries[key] = _Entry(None, _Pending.CLEAN)
        return self.at_origin or info.kind is not TableClass.LOCAL

    def _load(self, info: TableInfo, keys: Sequence[Key]) -> None:
        if not self._expect(info, keys):
            return
        entries = self._entries[info]
        for start in range(0, len(keys), _KEYS_PER_SELECT):
            where, values = found_by(info, info.key, keys[start : start + _KEYS_PER_SELECT], self._mark)
            for raw in self._connection.exec_driver_sql(select_rows(info, where), values):
                row = info.row(raw)
                entries[info.key_of(row)] = _Entry(row, _Pending.CLEAN)

    # Writing

    def insert(self, *rows: Row, or_leave: ByClass = _NONE) -> None:
        """Add new rows.

        Args:
            rows: the rows.
            or_leave: rows by their values alone, by class; one whose key is there already is left alone, unread. For
                documents of many rows that nobody looks at: making rows of them would take longer than all else here.

        Raises:
            Bug: a row of that key is there already, or it would bring personal data.
        """
        for cls, values in or_leave.items():
            _refuse_private(cls.TABLE)
            if values:
                self._unread[cls.TABLE, _Pending.ADD].extend(values)
        for row in rows:
            _refuse_private(row.TABLE)
            self._insert(row.TABLE, row, _Pending.INSERT)

    def _insert(self, info: TableInfo, row: Row, new: _Pending) -> None:
        key = info.key_of(row)
        entries = self._entries[info]
        entry = entries.get(key)
        if entry is None or entry.row is None:
            self._note(info, key, None)
        if entry is None:
            entries[key] = _Entry(row, new)
        elif entry.row is None:
            # Deleted in this transaction and made anew: the database still has the old row.
            entry.pending = _Pending.UPDATE if entry.pending is _Pending.DELETE else new
            entry.row = row
        elif new is _Pending.INSERT:
            raise Bug(f"{info.name} {_words(key)} is there already")

    def _settle(self, info: TableInfo) -> None:
        """Take a table's unread rows into the identity map, because somebody reads or changes rows of it."""
        added = [info.cls(*values) for values in self._unread.pop((info, _Pending.ADD), ())]
        if added and self._written is not None:
            # Whoever watches must know which of them were here.
            known = self._entries[info]
            self._load(info, [key for key in dict.fromkeys(map(info.key_of, added)) if key not in known])
        for row in added:
            self._insert(info, row, _Pending.ADD)
        for values in self._unread.pop((info, _Pending.SAVE), ()):
            self.save(info.cls(*values))

    def _settle_all(self, kinds: Sequence[TableClass]) -> None:
        for info in {info for info, _ in self._unread if info.kind in kinds}:
            self._settle(info)

    def _note(self, info: TableInfo, key: Key, before: Row | None) -> None:
        """Keep what a row that travels was, for whoever asks what was written."""
        if self._written is not None and info.kind in TRAVELS:
            self._written.setdefault((info, key), before)

    def update(self, row: R, **changes: object) -> R:
        """Replace a row by one with some columns changed, and return it; keys are never updated."""
        info = row.TABLE
        self._settle(info)
        changed = cast("R", info.changed(row, changes))
        key = info.key_of(row)
        if info.key_of(changed) != key:
            raise Bug(f"{info.name} {_words(key)}: keys are never updated")
        entry = self._entries[info].get(key)
        if entry is None:
            entry = self._entries[info][key] = _Entry(row, _Pending.CLEAN)
        if entry.row is None:
            raise Bug(f"{info.name} {_words(key)} is gone")
        if changed == entry.row:
            return changed
        self._note(info, key, entry.row)
        entry.row = changed
        if entry.pending is _Pending.CLEAN:
            entry.pending = _Pending.UPDATE
        return changed

    def put(self, row: R) -> R:
        """Insert a row, or replace the one with its key: for rows that are whole values, such as balances."""
        known = self.get(type(row), row.TABLE.key_of(row))
        if known is None:
            self.insert(row)
            return row
        entry = self._entries[row.TABLE][row.TABLE.key_of(row)]
        if entry.row != row:
            self._note(row.TABLE, row.TABLE.key_of(row), entry.row)
            entry.row = row
            entry.pending = _Pending.INSERT if entry.pending is _Pending.INSERT else _Pending.UPDATE
        return row

    def save(self, *rows: Row, unread: ByClass = _NONE) -> None:
        """Write local or personal rows, whether their keys are there or not; the writer alone calls this.

        Args:
            rows: the rows.
            unread: rows by their values alone, as `insert` takes them.

        Raises:
            Bug: a row would travel.
        """
        for cls, values in unread.items():
            _refuse_travelling(cls.TABLE)
            if values:
                self._unread[cls.TABLE, _Pending.SAVE].extend(values)
        for row in rows:
            _refuse_travelling(row.TABLE)
            self._entries[row.TABLE][row.TABLE.key_of(row)] = _Entry(row, _Pending.SAVE)

    def delete(self, row: Row) -> None:
        """Remove a row."""
        self._settle(row.TABLE)
        key = row.TABLE.key_of(row)
        entry = self._entries[row.TABLE].setdefault(key, _Entry(row, _Pending.CLEAN))
        made_here = entry.pending is _Pending.INSERT
        self._note(row.TABLE, key, entry.row)
        entry.row = None
        entry.pending = _Pending.CLEAN if made_here else _Pending.DELETE

    # What the operation tells

    def tell(self, **facts: str | int) -> None:
        """Add to the operation's result: what the flow gets with `Done`, and again after a crash."""
        self._result.update(facts)

    def touch(self, site: SiteId, *orders: bytes) -> None:
        """Say that orders are concerned of which no row changes: it is part of their timeline."""
        self._touched.update((site, order) for order in orders)

    def except_(self) -> None:
        """Mark that the books and the floor differed: the operation is applied with an exception."""
        self._exceptional = True

    @property
    def told(self) -> tuple[OperationOutcome, Mapping[str, str | int]]:
        """Return how it went, and what the command told."""
        outcome = OperationOutcome.APPLIED_WITH_EXCEPTION if self._exceptional else OperationOutcome.APPLIED
        return outcome, self._result

    @property
    def changes(self) -> Changes:
        """Return what was written; complete after `flush`."""
        return Changes(frozenset(self._tables), frozenset(self._orders))

    # The end of the transaction

    def end(self, operation: CommandId) -> list[Written]:
        """End one of several operations of this transaction: note it in the timelines, and tell nothing any more.

        Returns:
            What it did to rows that travel: to each once, as it was and as it is now.

        Raises:
            Bug: nobody said that it would be watched.
        """
        written = self._take_written()
        for each in written:
            row = each.after if each.after is not None else each.before
            if each.info.touch is not None and row is not None:
                self._touched.add((each.key[0], getattr(row, each.info.touch)))
        self._touch(operation)
        self._result, self._exceptional = {}, False
        return written

    def _take_written(self) -> list[Written]:
        """Return what was done to rows that travel since the last call."""
        if self._written is None:
            raise Bug("what was written is kept only where somebody watches")
        self._settle_all(TRAVELS)
        noted, self._written = self._written, {}
        found = (Written(info, key, before, self._entries[info][key].row) for (info, key), before in noted.items())
        return [each for each in found if each.before != each.after]

    def _touch(self, operation: CommandId) -> None:
        """Write whose timeline an operation belongs to."""
        if self._touched:
            self._touches.extend((site, TOUCH_ORDER, order, operation) for site, order in sorted(self._touched))
        self._orders.update(order for _, order in self._touched)
        self._touched.clear()

    def flush(self, operation: CommandId | None = None, *, position: int | None = None, varied: bool = False) -> None:
        """Write everything that is pending: one statement per table and kind, sent together.

        Args:
            operation: whose doing it is, for the timeline; None for work without an operation.
            position: where a following database's own operation stands in its file: what it writes is not confirmed yet,
                and personal data that came with it is not at the hub.
            varied: whether what is written is never twice the same set of statements: not worth learning as one.
        """
        if position is not None:
            self._statements.extend(shadowing(self._take_written(), position, self._mark))
            self._settle_all((TableClass.PRIVATE,))
            private = (entries for info, entries in self._entries.items() if info.kind is TableClass.PRIVATE)
            saved = [each.row for known in private for each in known.values() if each.pending is _Pending.SAVE]
            self._statements.extend(going_out([row for row in saved if row is not None], position, self._mark))
        for info, entries in list(self._entries.items()):
            pending = [(key, entry) for key, entry in entries.items() if entry.pending is not _Pending.CLEAN]
            if not pending or (info.kind is TableClass.LOCAL and not self.at_origin):
                continue
            self._tables.add(info.name)
            self._write(info, pending)
        for (info, kind), rows in self._unread.items():
            if info.kind is TableClass.LOCAL and not self.at_origin:
                continue
            self._tables.add(info.name)
            if info.touch is not None:
                self._touched.update(map(itemgetter(*map(info.columns.index, ("site", info.touch))), rows))
            self._statements.append(insert_rows(info, list(map(info.plain, rows)), self._mark, _THERE[kind]))
        self._unread.clear()
        if operation is not None:
            self._touch(operation)
        self._orders.update(order for _, order in self._touched)
        if self._touches:
            self._statements.append(insert_rows(OpTouch.TABLE, self._touches, self._mark))
            self._touches = []
        statements, self._statements = self._statements, []
        send(self._connection, statements, together=not varied)

    def _write(self, info: TableInfo, pending: Sequence[tuple[Key, _Entry]]) -> None:
        updates: list[tuple[Any, ...]] = []
        changed: set[int] = set()
        new: dict[_Pending, list[tuple[Any, ...]]] = {_Pending.INSERT: [], _Pending.ADD: [], _Pending.SAVE: []}
        deletes: list[Key] = []
        lists = {**new, _Pending.UPDATE: updates}
        for key, entry in pending:
            if entry.row is None:
                deletes.append(key)
            else:
                if info.touch is not None:
                    self._touched.add((key[0], getattr(entry.row, info.touch)))
                values = info.values(entry.row)
                lists[entry.pending].append(values)
                if entry.pending is _Pending.UPDATE and entry.before is not None:
                    before = info.values(entry.before)
                    changed.update(n for n, value in enumerate(values) if value != before[n])
            entry.pending, entry.before = _Pending.CLEAN, entry.row
        if deletes:
            self._statements.append(delete_rows(info, deletes, self._mark))
        if changed:
            self._statements.append(update_rows(info, updates, sorted(changed), self._mark))
        for kind, rows in new.items():
            if rows:
                self._statements.append(insert_rows(info, rows, self._mark, _THERE[kind]))


def _refuse_private(info: TableInfo) -> None:
    if info.kind is TableClass.PRIVATE:
        raise Bug(f"{info.name}: personal data never comes from a command's body")


def _refuse_travelling(info: TableInfo) -> None:
    if info.kind not in (TableClass.LOCAL, TableClass.PRIVATE):
        raise Bug(f"{info.name} is neither local nor private")


def _parts(row: Row, columns: Sequence[str]) -> Key:
    return tuple(getattr(row, name) for name in columns)


def _words(key: Iterable[object]) -> str:
    return "/".join(part.hex() if isinstance(part, bytes) else str(part) for part in key)
