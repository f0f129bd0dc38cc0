"""Statements go to PostgreSQL without waiting between them, and what goes wrong among them is told and undone."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from core.kernel.database import Database, open_postgres
from core.kernel.together import ahead, ask, savepoint, send

pytestmark = pytest.mark.postgres

ADD = "INSERT INTO said (n, words) VALUES (%s, %s)"
NUMBERS = ("SELECT n FROM said ORDER BY n", ())


@pytest.fixture
def connection(postgres: str) -> Iterator[sa.Connection]:
    database: Database = open_postgres(postgres, connections=1)
    with database.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql("CREATE TABLE said (n bigint PRIMARY KEY, words text)")
        yield connection
        with connection.begin():
            connection.exec_driver_sql("DROP TABLE said")
    database.dispose()


def numbers(connection: sa.Connection) -> list[int]:
    with connection.begin():
        return [row[0] for row in next(iter(ask(connection, [NUMBERS])))]


def test_what_is_asked_together_is_answered_in_its_order(connection: sa.Connection) -> None:
    with connection.begin():
        send(connection, [(ADD, [(1, "one"), (2, None)])])
        words = "SELECT words FROM said WHERE n=%s"
        assert ask(connection, [(words, (2,)), NUMBERS, (words, (1,))]) == [[(None,)], [(1,), (2,)], [("one",)]]
    assert numbers(connection) == [1, 2]


def test_one_that_fails_is_what_is_told_and_none_of_its_transaction_stays(connection: sa.Connection) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="said_pkey"), connection.begin():
        send(connection, [(ADD, [(1, "a"), (1, "b"), (2, "c")])])
    assert numbers(connection) == []
    with connection.begin():
        send(connection, [(ADD, [(1, "a")])])
    assert numbers(connection) == [1]


def test_what_was_planned_outlasts_what_goes_wrong(connection: sa.Connection) -> None:
    for n in range(10):
        with pytest.raises(ValueError, match="of the program"), connection.begin():
            connection.exec_driver_sql("SELECT n FROM said WHERE n=%s", (n,)).all()
            assert ask(connection, [NUMBERS]) == [[]]
            raise ValueError("a mistake of the program")
    assert numbers(connection) == []


def test_a_savepoint_undoes_what_failed_and_leaves_what_was_before(connection: sa.Connection) -> None:
    with connection.begin():
        send(connection, [(ADD, [(1, "a")])])
        with pytest.raises(sa.exc.IntegrityError), savepoint(connection):
            send(connection, [(ADD, [(2, "b"), (1, "again")])])
        with savepoint(connection):
            send(connection, [(ADD, [(3, "c")])])
        send(connection, [(ADD, [(4, "d")])])
    assert numbers(connection) == [1, 3, 4]


def test_a_savepoint_in_which_nothing_was_said_leaves_the_transaction_alone(connection: sa.Connection) -> None:
    with connection.begin():
        send(connection, [(ADD, [(1, "a")])])
        with pytest.raises(ValueError, match="of the program"), savepoint(connection):
            raise ValueError("a mistake of the program")
        with savepoint(connection):
            pass
        send(connection, [(ADD, [(2, "b")])])
    assert numbers(connection) == [1, 2]


def test_what_is_not_waited_for_is_told_at_the_end(connection: sa.Connection) -> None:
    with connection.begin(), savepoint(connection):
        pass
    with pytest.raises(sa.exc.DataError), connection.begin(), ahead(connection):
        send(connection, [("SELECT 1/%s::bigint", [(0,)])])
        send(connection, [(ADD, [(1, "a")])])
    with pytest.raises(ValueError, match="of the program"), connection.begin(), ahead(connection):
        send(connection, [(ADD, [(1, "a"), (1, "b")])])
        raise ValueError("a mistake of the program")
    assert numbers(connection) == []


def test_more_than_a_line_takes_at_once_goes_both_ways(connection: sa.Connection) -> None:
    long = "ü" * 3_000_000
    with connection.begin(), ahead(connection):
        send(connection, [(ADD, [(n, long) for n in range(4)])])
    with connection.begin():
        found = ask(connection, [("SELECT words FROM said ORDER BY n", ()), ("SELECT %s::text", (long,))])
    assert [len(rows) for rows in found] == [4, 1]
    assert {words for rows in found for (words,) in rows} == {long}


def test_the_connection_that_was_given_back_last_is_taken_next(postgres: str) -> None:
    """It has planned what is asked: were they taken in turns, each would plan all of it."""
    database = open_postgres(postgres, connections=3)
    try:
        some = [database.connect() for _ in range(3)]
        backends = [backend(each) for each in some]
        for each in some:
            each.close()
        for _ in range(4):
            with database.connect() as one:
                assert backend(one) == backends[-1]
                with database.connect() as beside:
                    assert backend(beside) == backends[-2]
    finally:
        database.dispose()


def backend(connection: sa.Connection) -> int:
    with connection.begin():
        return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
