"""Confirmed rows under a station's own unsettled work: what the hub's feed last said of a row that work has changed since.

A table holds what the station sees: the confirmed rows, changed by its own operations that are not settled yet. The first
of them to touch a row keeps its confirmed image here, in the same transaction; a row that the feed brings goes into its
image as long as there is one. When the receipt of an operation comes, the images that no later one holds on to go back
into their tables. With nothing unsettled there is no image. (Architecture, section 3, rules 2 to 5 and 10.)
"""

from collections.abc import Iterable, Iterator

from core.kernel.feed import Written, content_text, key_text_of
from core.kernel.tables import Row, TableClass, table
from core.kernel.together import Statement


@table(TableClass.LOCAL, key=("entity", "key"), indexes={"shadow_last_op": ("last_op",)})
class Shadow(Row):
    """What is confirmed of a row that unsettled operations of this file have changed."""

    entity: str
    """The table."""
    key: str
    """Its key as the feed says it."""
    image: str | None
    """The confirmed row as the feed says it; None where there is none."""
    last_op: int
    """Position in this file's log of the last operation that touched it."""


def shadowing(written: Iterable[Written], position: int, mark: str) -> Iterator[Statement]:
    """Yield the statement that keeps the images of what an own operation has written.

    Args:
        written: what it did, with each row as it was before.
        position: the operation's place in this file's log.
        mark: how the database writes a parameter.
    """
    rows = [
        (
            each.info.name,
            key_text_of(each.info, each.key),
            None if each.before is None else content_text(each.before),
            position,
        )
        for each in written
    ]
    if rows:
        marks = ",".join([mark] * 4)
        sql = (
            f'INSERT INTO "shadow" ("entity","key","image","last_op") VALUES ({marks}) '
            'ON CONFLICT ("entity","key") DO UPDATE SET "last_op"=excluded."last_op"'
        )
        yield (sql, rows)
