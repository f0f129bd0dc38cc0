"""How PostgreSQL is spoken to where it is spoken to most: statements without waiting between them, lists of values as its wire takes them.

A list's bytes are (PostgreSQL manual, 55.2 and `array_send` of its source) five numbers of four bytes: dimensions, whether
there are nulls, the elements' type, how many, the first one's index; then each value with its length in front, or a
length of -1 for none. The driver would ask every value how it is written, one by one; here a list is one call.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from struct import Struct, error
from typing import Any, ClassVar

import psycopg
import sqlalchemy as sa
from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.pq import Format

from core.kernel.statements import Blobs, Numbers, Words
from core.kernel.together import Question, Statement

_HEAD = Struct(">iiIii").pack
_LENGTH = Struct(">i").pack
_NONE = _LENGTH(-1)
_TOGETHER = 256
"""Numbers that are packed by one call."""


_AHEAD = "statements that are not waited for"


@contextmanager
def ahead(connection: sa.Connection) -> Iterator[None]:
    """Let what is run meanwhile go to the database without being waited for: only the end waits, and says what went wrong.

    Nothing may be asked meanwhile.
    """
    with _driver(connection) as driver, driver.pipeline():
        connection.info[_AHEAD] = True
        try:
            yield
        finally:
            del connection.info[_AHEAD]


def run(connection: sa.Connection, statements: Sequence[Statement]) -> None:
    """Run statements in their order, and wait once for all of them.

    Args:
        connection: the open transaction's.
        statements: what is to run.
    """
    if _AHEAD not in connection.info:
        with ahead(connection):
            run(connection, statements)
        return
    with _driver(connection) as driver:
        cursor = driver.cursor()
        for sql, runs in statements:
            for each in runs:
                cursor.execute(sql, each)


def ask(connection: sa.Connection, questions: Sequence[Question]) -> list[list[tuple[Any, ...]]]:
    """Return what each of several questions finds; they are asked together."""
    with _driver(connection) as driver:
        if len(questions) == 1:
            return [driver.execute(*questions[0], binary=True).fetchall()]
        with driver.pipeline():
            asked = [driver.execute(sql, values, binary=True) for sql, values in questions]
        return [each.fetchall() for each in asked]


@contextmanager
def _driver(connection: sa.Connection) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """Give the driver's connection; what it raises is what SQLAlchemy would raise."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    try:
        yield raw
    except psycopg.Error as e:
        raise sa.exc.DBAPIError.instance(None, None, e, psycopg.Error, dialect=connection.dialect) from e


class _ListDumper(Dumper):
    format = Format.BINARY
    element: ClassVar[int]

    def dump(self, obj: Any) -> bytes:
        """Return a list's bytes."""
        try:
            return _HEAD(1, 0, self.element, len(obj), 1) + self.together(obj)
        except (TypeError, error):
            # Some of them are None: each by itself.
            each = (_NONE if value is None else self.together([value]) for value in obj)
            return _HEAD(1, 1, self.element, len(obj), 1) + b"".join(each)

    def together(self, values: Sequence[Any]) -> bytes:
        """Return each value behind its length."""
        raise NotImplementedError


class NumbersDumper(_ListDumper):
    """Integers, eight bytes each."""

    oid, element = 1016, 20

    def together(self, values: Sequence[Any]) -> bytes:
        """Return each number behind its length."""
        if len(values) > _TOGETHER:
            parts = range(0, len(values), _TOGETHER)
            return b"".join(self.together(values[start : start + _TOGETHER]) for start in parts)
        flat = [8] * (2 * len(values))
        flat[1::2] = values
        return _numbers(len(values)).pack(*flat)


@lru_cache(maxsize=_TOGETHER)
def _numbers(length: int) -> Struct:
    """Return how so many numbers lie one behind the other."""
    return Struct(">" + "iq" * length)


class WordsDumper(_ListDumper):
    """Texts as UTF-8."""

    oid, element = 1009, 25

    def together(self, values: Sequence[Any]) -> bytes:
        """Return each text behind its length."""
        return _joined(list(map(str.encode, values)))


class BlobsDumper(_ListDumper):
    """Bytes as they are."""

    oid, element = 1001, 17

    def together(self, values: Sequence[Any]) -> bytes:
        """Return each behind its length."""
        return _joined(values)


def _joined(values: Sequence[bytes]) -> bytes:
    """Return each value behind its length."""
    lengths = list(map(len, values))
    if lengths.count(lengths[0]) == len(lengths):
        # Ids are all of a length: what stands between them is too.
        between = _LENGTH(lengths[0])
        return between + between.join(values)
    return b"".join(chain.from_iterable(zip(map(_LENGTH, lengths), values, strict=True)))


for _kind, _dumper in ((Numbers, NumbersDumper), (Words, WordsDumper), (Blobs, BlobsDumper)):
    adapters.register_dumper(_kind, _dumper)
