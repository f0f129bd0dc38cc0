"""How PostgreSQL is spoken to where it is spoken to most: statements without waiting between them, lists of values as its wire takes them.

A list's bytes are (PostgreSQL manual, 55.2 and `array_send` of its source) five numbers of four bytes: dimensions, whether
there are nulls, the elements' type, how many, the first one's index; then each value with its length in front, or a
length of -1 for none. The driver would ask every value how it is written, one by one; here a list is one call.
"""

import re
import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain, count
from struct import Struct, error
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
import sqlalchemy as sa
from psycopg import adapters
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg_pool import ConnectionPool

from core.kernel.statements import Blobs, Numbers, Words
from core.kernel.together import Question, Statement

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

_HEAD = Struct(">iiIii").pack
_LENGTH = Struct(">i").pack
_NONE = _LENGTH(-1)
_TOGETHER = 256
"""Numbers that are packed by one call."""


_TALK = "dockside_talk"
_SAVEPOINT, _BACK, _RELEASE = (f"{word}SAVEPOINT operations" for word in ("", "ROLLBACK TO ", "RELEASE "))
_PREPARED_MAX = 1_000
"""Statements that a connection keeps planned; what comes after them is planned anew each time."""
_Known = tuple[str, tuple[int, ...]]
"""A text and the types of its values: what a plan is kept by."""


class LatestFirst(ConnectionPool["psycopg.Connection[Any]"]):
    """Connections of which the one that was given back last is taken next.

    Each plans what is asked over it, six times before a plan is kept, and the library takes the one that has rested longest: all
    that were ever needed at once would plan everything, and what one of them has in the processor's memory the next has not.
    """

    def _get_ready_connection(self, timeout: float | None) -> "psycopg.Connection[Any] | None":
        self._pool.rotate()
        return super()._get_ready_connection(timeout)


class Talk:
    """What goes over one connection: said without waiting for what is answered, heard together at the end.

    The driver's own pipeline does the same and takes for each statement what three of them take here.
    """

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        """Talk over a connection of the driver's."""
        assert driver.prepare_threshold is None, "what the driver forgets would take these plans with it"
        self._driver, self._line = driver, driver.pgconn
        self._values = Transformer(driver)
        self._plans: dict[_Known, bytes] = {}
        self._numbers = count()
        self._later: list[str] = []
        """Words of the transaction that go with whatever is said next."""
        self._said: list[_Known | None] = []
        """What is not answered yet; a text that is to be planned."""
        self.waits = True
        """Whether what is run is heard at once."""

    def later(self, words: str) -> None:
        """Say a word of the transaction together with what is said next, or not at all where it ends before."""
        self._begin()
        self._later.append(words)

    def undo(self) -> None:
        """Go back to the savepoint, unless it was still to be said: then nothing was done since."""
        if _SAVEPOINT in self._later:
            self._later.remove(_SAVEPOINT)
            return
        self._later += [_BACK]
        self.say(_RELEASE)
        self.hear()

    def _begin(self) -> None:
        """Begin a transaction where none is open, as the driver does before a statement."""
        if self._said or self._line.transaction_status != TransactionStatus.IDLE:
            return
        if self._driver.autocommit:
            self._later.clear()
        elif not self._later or not self._later[0].startswith("BEGIN"):
            level = self._driver.isolation_level
            self._later = ["BEGIN" if level is None else f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}"]

    def say(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Send a statement."""
        self._begin()
        line = self._line
        if not self._said:
            line.enter_pipeline_mode()
        for words in self._later:
            line.send_query_params(words.encode(), None)
            self._said.append(None)
        self._later.clear()
        text, formats = _numbered(sql)
        given = self._values.dump_sequence(values, formats)
        types = self._values.types or ()
        name = self._plans.get((sql, types))
        if name is None and len(self._plans) >= _PREPARED_MAX:
            line.send_query_params(text, given, types, self._values.formats, Format.BINARY)
        else:
            if name is None:
                name = self._plans[sql, types] = b"dockside_%d" % next(self._numbers)
                line.send_prepare(name, text, types)
                self._said.append((sql, types))
            line.send_query_prepared(name, given, self._values.formats, Format.BINARY)
        self._said.append(None)

    def go(self) -> None:
        """Let the database begin with what was said."""
        self._line.send_flush_request()
        self._line.flush()

    def hear(self) -> list["PGresult"]:
        """Return what is answered to everything that was said and gives rows or nothing, in that order.

        Raises:
            psycopg.Error: what went wrong first.
        """
        if not self._said:
            return []
        said, self._said = self._said, []
        try:
            self._line.pipeline_sync()
            answers = list(self._answers())
            self._line.exit_pipeline_mode()
        except BaseException:
            # Whatever it was, nobody knows any more what the next answer belongs to.
            self._line.finish()
            raise
        wrong = None
        heard = []
        for planned, answer in zip(said, answers, strict=True):
            if answer.status in (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED):
                wrong = wrong or answer
                if planned is not None:
                    del self._plans[planned]
            elif planned is None:
                heard.append(answer)
        if wrong is not None:
            raise psycopg.errors.error_from_result(wrong)
        return heard

    def _answers(self) -> Iterator["PGresult"]:
        """Yield the answers up to where they are in step again."""
        line = self._line
        ready = select.poll()
        while True:
            unsent = line.flush()
            while unsent or line.is_busy():
                ready.register(line.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
                ready.poll()
                line.consume_input()
                unsent = line.flush()
            answer = line.get_result()
            if answer is None:
                continue
            if answer.status == ExecStatus.PIPELINE_SYNC:
                return
            yield answer

    def rows(self, answer: "PGresult") -> list[tuple[Any, ...]]:
        """Return the rows of an answer."""
        self._values.set_pgresult(answer)
        return self._values.load_rows(0, answer.ntuples, tuple)


@lru_cache(maxsize=2 * _PREPARED_MAX)
def _numbered(sql: str) -> tuple[bytes, list[PyFormat]]:
    """Return a text as PostgreSQL takes it, its parameters numbered, and how each is written."""
    first, *rest = re.split("%([sb])", sql)
    marks, texts = rest[::2], rest[1::2]
    numbered = "".join((first, *(f"${n}{text}" for n, text in enumerate(texts, 1))))
    return numbered.encode(), [PyFormat.BINARY if mark == "b" else PyFormat.AUTO for mark in marks]


@contextmanager
def ahead(connection: sa.Connection) -> Iterator[None]:
    """Let what is run meanwhile go to the database without being waited for: only the end waits, and says what went wrong.

    Nothing may be asked meanwhile.
    """
    with _talk(connection) as talk:
        talk.waits = False
        try:
            yield
        except BaseException:
            # What went wrong here is what is told; what was said is undone by whoever hears of it.
            with suppress(psycopg.Error):
                talk.hear()
            raise
        finally:
            talk.waits = True
        talk.hear()


@contextmanager
def savepoint(connection: sa.Connection) -> Iterator[None]:
    """Undo what is done meanwhile where it goes wrong; its words go with whatever is said next."""
    with _talk(connection) as talk:
        talk.later(_SAVEPOINT)
    try:
        yield
    except BaseException:
        # Where the line itself is broken, that is what is told.
        with suppress(sa.exc.DBAPIError), _talk(connection) as talk:
            talk.undo()
        raise
    with _talk(connection) as talk:
        talk.later(_RELEASE)


def run(connection: sa.Connection, statements: Sequence[Statement]) -> None:
    """Run statements in their order, and wait once for all of them.

    Args:
        connection: the open transaction's.
        statements: what is to run.
    """
    with _talk(connection) as talk:
        for sql, runs in statements:
            for each in runs:
                talk.say(sql, each)
        if talk.waits:
            talk.hear()
        else:
            talk.go()


def ask(connection: sa.Connection, questions: Sequence[Question]) -> list[list[tuple[Any, ...]]]:
    """Return what each of several questions finds; they are asked together."""
    with _talk(connection) as talk:
        for sql, values in questions:
            talk.say(sql, values)
        return [talk.rows(each) for each in talk.hear()[-len(questions) :]]


@contextmanager
def _talk(connection: sa.Connection) -> Iterator[Talk]:
    """Give what talks over the driver's connection; what it raises is what SQLAlchemy would raise."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    talk = raw.__dict__.get(_TALK)
    if talk is None:
        talk = raw.__dict__[_TALK] = Talk(raw)
    try:
        yield talk
    except psycopg.Error as e:
        raise sa.exc.DBAPIError.instance(None, None, e, psycopg.Error, dialect=connection.dialect) from e


class _ListDumper(Dumper):
    format = Format.BINARY
    element: ClassVar[int]

    def dump(self, obj: Any) -> bytes:
        """Return a list's bytes."""
        first, length = obj[0], len(obj)
        try:
            if first == obj[-1] and obj.count(first) == length:
                # Half of what a push writes is the same in all its rows: whose site and person, no lot, no serial.
                return _HEAD(1, 0, self.element, length, 1) + self.together(obj[:1]) * length
            return _HEAD(1, 0, self.element, length, 1) + self.together(obj)
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
