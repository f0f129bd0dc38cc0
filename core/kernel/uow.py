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
from typing import cast

import sqlalchemy as sa

from core.kernel.commands import Finds, Reads
from core.kernel.entries import THERE, Entry, Pending, written
from core.kernel.feed import TRAVELS, Written
from core.kernel.ids import CommandId, SiteId
from core.kernel.operations import TOUCH_ORDER, OperationOutcome, OpTouch
from core.kernel.private import going_out
from core.kernel.refusal import Bug
from core.kernel.shadow import shadowing
from core.kernel.statements import (
    SQLITE_MARK,
    found_by,
    insert_rows,
    mark_of,
    select_rows,
    select_together,
)
from core.kernel.tables import Key, R, Row, TableClass, TableInfo, Values
from core.kernel.together import Statement, ask, send

ByClass = Mapping[type[Row], Sequence[Values]]
"""Rows by their values alone."""
_NONE: ByClass = {}
_NO_FINDS: Finds = {}

_KEYS_TOGETHER = 80
"""Rows of several tables that are read by one statement; beyond them its text would differ every time."""
_KEYS_PER_SELECT = 400
"""SQLite takes 32,766 parameters a statement, PostgreSQL 65,535; the widest key has eight parts."""


class Role(StrEnum):
    """Whether this database decides (standalone station, hub) or follows (a station of a hub)."""

    AUTHORITY = "authority"
    REPLICA = "replica"


@dataclass(frozen=True, slots=True)
class Changes:
    """What went stale: table names and the orders touched; never the new data."""

    tables: frozenset[str]
    orders: frozenset[bytes]

    def touches(self, *classes: type[Row]) -> bool:
        """Return whether rows of any of these classes changed."""
        return any(cls.TABLE.name in self.tables for cls in classes)


NO_CHANGES = Changes(frozenset(), frozenset())


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
        self._mark = mark_of(connection)
        self._entries: dict[TableInfo, dict[Key, Entry]] = defaultdict(dict)
        self._result: dict[str, str | int] = {}
        self._orders: set[bytes] = set()
        self._touched: set[tuple[SiteId, bytes]] = set()
        """Sites and orders that the operation which is going on concerns."""
        self._touches: list[tuple[SiteId, str, bytes, CommandId]] = []
        """Rows of timelines that are to be written."""
        self._tables: set[str] = set()
        self._exceptional = False
        self._statements: list[Statement] = []
        self._unread: dict[tuple[TableInfo, Pending], list[Values]] = defaultdict(list)
        """Rows to add or to save that nobody has asked for."""
        self._found: dict[tuple[TableInfo, tuple[str, ...]], set[Key]] = defaultdict(set)
        """Values by which every row that has them was brought here."""
        self._written: dict[tuple[TableInfo, Key], Row | None] | None = {} if watched else None
        """What travels and was written since it was last asked for, as it was before."""
        self._again: set[tuple[TableInfo, Key]] = set()
        """What of it travels although it is as it was."""
        self.role = role
        self.at_origin = at_origin

    # Reading

    def fetch(
        self, reads: Reads, command: tuple[SiteId, CommandId] | None = None, finds: Finds = _NO_FINDS
    ) -> tuple[int, str] | None:
        """Bring rows into the identity map: in one statement, or one a table where they are many.

        Args:
            reads: the rows' keys.
            command: site and id of the command whose operation is looked for beside them.
            finds: what will be found by a uniqueness.

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
        if self._mark == SQLITE_MARK and len(wanted) > 1 and sum(map(len, wanted.values())) <= _KEYS_TOGETHER:
            found = self._load_together(wanted, command)
            self._load({}, finds)
            return found
        self._load(wanted, finds)
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
            self._load({cls.TABLE: [key]})
            entry = self._entries[cls.TABLE][key]
        return entry.row  # type: ignore[return-value]

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
        asked = set(values)
        width = len(next(iter(asked), ()))
        self._load({}, {(cls, name): asked})
        parts = info.reader(columns)
        return {
            its: cast("R", row) for entry in self._entries[info].values()
            if (row := entry.row) is not None and (its := parts(row))[:width] in asked
        }  # fmt: skip

    def _load_together(
        self, wanted: Mapping[TableInfo, Sequence[Key]], command: tuple[SiteId, CommandId] | None
    ) -> tuple[int, str] | None:
        """Read several tables by one statement; SQLite alone lets the columns of a union differ in type."""
        infos = [info for info, keys in wanted.items() if self._expect(info, keys)]
        if not infos and command is None:
            return None
        question = select_together([(info, wanted[info]) for info in infos], command, self._mark)
        applied = None
        for raw in self._connection.exec_driver_sql(*question):
            if raw[0] < 0:
                applied = (int(raw[1]), str(raw[2]))
                continue
            info = infos[raw[0]]
            row = info.row(raw[1 : len(info.columns) + 1])
            self._entries[info][info.key_of(row)] = Entry(row, Pending.CLEAN)
        return applied

    def _expect(self, info: TableInfo, keys: Sequence[Key]) -> bool:
        """Note that these keys are looked for, and return whether they may be here at all."""
        entries = self._entries[info]
        for key in keys:
            entries[key] = Entry(None, Pending.CLEAN)
        return self.at_origin or info.kind is not TableClass.LOCAL

    def _load(self, wanted: Mapping[TableInfo, Sequence[Key]], finds: Finds = _NO_FINDS) -> None:
        """Read rows by their keys, which nobody read before, and by a uniqueness, unless they were found by it before."""
        looks = [(info, info.key, keys) for info, keys in wanted.items() if self._expect(info, keys)]
        for (cls, name), values in finds.items():
            new = list(dict.fromkeys(values))
            columns = cls.TABLE.unique[name].columns[: len(new[0]) if new else 0]
            known = self._found[cls.TABLE, columns]
            looks.append((cls.TABLE, columns, [each for each in new if each not in known]))
            known.update(new)
        parts = [
            (info, columns, keys[start : start + _KEYS_PER_SELECT])
            for info, columns, keys in looks
            for start in range(0, len(keys), _KEYS_PER_SELECT)
        ]
        questions = []
        for info, columns, keys in parts:
            where, values = found_by(info, columns, keys, self._mark)
            questions.append((select_rows(info, where), values))
        for (info, columns, _), found in zip(parts, ask(self._connection, questions), strict=True):
            entries, by_key = self._entries[info], columns == info.key
            for row in map(info.row, found):
                key = info.key_of(row)
                if by_key or key not in entries:
                    entries[key] = Entry(row, Pending.CLEAN)

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
                self._unread[cls.TABLE, Pending.ADD].extend(values)
        for row in rows:
            _refuse_private(row.TABLE)
            self._insert(row.TABLE, row, Pending.INSERT)

    def _insert(self, info: TableInfo, row: Row, new: Pending) -> None:
        key = info.key_of(row)
        entries = self._entries[info]
        entry = entries.get(key)
        if entry is None or entry.row is None:
            self._note(info, key, None)
        if entry is None:
            entries[key] = Entry(row, new)
        elif entry.row is None:
            # Deleted in this transaction and made anew: the database still has the old row.
            entry.pending = Pending.UPDATE if entry.pending is Pending.DELETE else new
            entry.row = row
        elif new is Pending.INSERT:
            raise Bug(f"{info.name} {_words(key)} is there already")

    def _settle(self, info: TableInfo) -> None:
        """Take a table's unread rows into the identity map, because somebody reads or changes rows of it."""
        added = [info.cls(*values) for values in self._unread.pop((info, Pending.ADD), ())]
        if added and self._written is not None:
            # Whoever watches must know which of them were here.
            known = self._entries[info]
            self._load({info: [key for key in dict.fromkeys(map(info.key_of, added)) if key not in known]})
        for row in added:
            self._insert(info, row, Pending.ADD)
        for values in self._unread.pop((info, Pending.SAVE), ()):
            self.save(info.cls(*values))

    def _settle_all(self, kinds: Sequence[TableClass]) -> None:
        if not self._unread:
            return
        for info in {info for info, _ in self._unread if info.kind in kinds}:
            self._settle(info)

    def _note(self, info: TableInfo, key: Key, before: Row | None) -> None:
        """Keep what a row that travels was, for whoever asks what was written."""
        if self._written is not None and info.kind in TRAVELS:
            self._written.setdefault((info, key), before)

    def update(self, row: R, **changes: object) -> R:
        """Replace a row by one with some columns changed, and return it; keys are never updated."""
        info = row.TABLE
        if self._unread:
            self._settle(info)
        key = info.key_of(row)
        entry = self._entries[info].get(key)
        if entry is None:
            entry = self._entries[info][key] = Entry(row, Pending.CLEAN)
        if entry.row is None:
            raise Bug(f"{info.name} {_words(key)} is gone")
        newest = row is entry.row
        changed = info.changed(row, changes)
        if newest and changed is row:
            return row
        if not changes.keys().isdisjoint(info.key) and info.key_of(changed) != key:
            raise Bug(f"{info.name} {_words(key)}: keys are never updated")
        if not newest and changed == entry.row:
            return changed
        self._note(info, key, entry.row)
        entry.row = changed
        if entry.pending is Pending.CLEAN:
            entry.pending = Pending.UPDATE
        return changed

    def put(self, row: R, *, again: bool = False) -> R:
        """Insert a row, or replace the one with its key: for rows that are whole values, such as balances.

        Args:
            row: the row.
            again: whether it travels also where it stays as it is: stations may have let go of it since it was written.
        """
        known = self.get(type(row), row.TABLE.key_of(row))
        if again:
            self._note(row.TABLE, row.TABLE.key_of(row), known)
            self._again.add((row.TABLE, row.TABLE.key_of(row)))
        if known is None:
            self.insert(row)
            return row
        entry = self._entries[row.TABLE][row.TABLE.key_of(row)]
        if entry.row != row:
            self._note(row.TABLE, row.TABLE.key_of(row), entry.row)
            entry.row = row
            entry.pending = Pending.INSERT if entry.pending is Pending.INSERT else Pending.UPDATE
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
                self._unread[cls.TABLE, Pending.SAVE].extend(values)
        for row in rows:
            _refuse_travelling(row.TABLE)
            self._entries[row.TABLE][row.TABLE.key_of(row)] = Entry(row, Pending.SAVE)

    def delete(self, row: Row) -> None:
        """Remove a row."""
        self._settle(row.TABLE)
        key = row.TABLE.key_of(row)
        entry = self._entries[row.TABLE].setdefault(key, Entry(row, Pending.CLEAN))
        made_here = entry.pending is Pending.INSERT
        self._note(row.TABLE, key, entry.row)
        entry.row = None
        entry.pending = Pending.CLEAN if made_here else Pending.DELETE

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
        told = self._take_written()
        for info, key, before, after in told:
            if info.touch is not None:
                self._touched.add((key[0], getattr(before if after is None else after, info.touch)))
        self._touch(operation)
        self._result, self._exceptional = {}, False
        return told

    def _take_written(self) -> list[Written]:
        """Return what was done to rows that travel since the last call."""
        if self._written is None:
            raise Bug("what was written is kept only where somebody watches")
        self._settle_all(TRAVELS)
        noted, self._written = self._written, {}
        again, self._again = self._again, set()
        told = []
        for (info, key), before in noted.items():
            after = self._entries[info][key].row
            if before is after and (info, key) not in again:
                continue
            is_other = before is None or after is None or info.read_fields(before) != info.read_fields(after)
            if is_other or (info, key) in again:
                told.append(Written(info, key, before, after))
        return told

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
            saved = [each.row for known in private for each in known.values() if each.pending is Pending.SAVE]
            self._statements.extend(going_out([row for row in saved if row is not None], position, self._mark))
        for info, entries in list(self._entries.items()):
            pending = [(key, entry) for key, entry in entries.items() if entry.pending is not Pending.CLEAN]
            if not pending or (info.kind is TableClass.LOCAL and not self.at_origin):
                continue
            self._tables.add(info.name)
            if info.touch is not None:
                concerned = (entry.row for _, entry in pending if entry.row is not None)
                self._touched.update(map(info.reader(("site", info.touch)), concerned))
            self._statements.extend(written(info, pending, self._mark))
        for (info, kind), rows in self._unread.items():
            if info.kind is TableClass.LOCAL and not self.at_origin:
                continue
            self._tables.add(info.name)
            if info.touch is not None:
                self._touched.update(map(itemgetter(*map(info.columns.index, ("site", info.touch))), rows))
            self._statements.append(insert_rows(info, list(map(info.plain, rows)), self._mark, THERE[kind]))
        self._unread.clear()
        if operation is not None:
            self._touch(operation)
        self._orders.update(order for _, order in self._touched)
        if self._touches:
            self._statements.append(insert_rows(OpTouch.TABLE, self._touches, self._mark))
            self._touches = []
        statements, self._statements = self._statements, []
        send(self._connection, statements, together=not varied)


def _refuse_private(info: TableInfo) -> None:
    if info.kind is TableClass.PRIVATE:
        raise Bug(f"{info.name}: personal data never comes from a command's body")


def _refuse_travelling(info: TableInfo) -> None:
    if info.kind not in (TableClass.LOCAL, TableClass.PRIVATE):
        raise Bug(f"{info.name} is neither local nor private")


def _words(key: Iterable[object]) -> str:
    return "/".join(part.hex() if isinstance(part, bytes) else str(part) for part in key)
