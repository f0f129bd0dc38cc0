"""Databases as the checker reads them: by itself, table by table, and with its own way to hash and to compare.

It shares no code with the product; see `outside`.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, Self

KEY = bytes(range(32)).hex()
Row = dict[str, Any]


@dataclass
class Books:
    """Where the databases are: the hub's and each station's."""

    hub: str
    stations: dict[str, str]
    known: dict[str, "Book"] = field(default_factory=dict)
    _told: dict[int, dict[str, dict[str, str]]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Read them when they are asked for."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Let go of all of them."""
        for book in self.known.values():
            book.close()

    def central(self) -> "Book":
        """Return the hub's book."""
        return self.known.setdefault("", Book(self.hub))

    def of(self, name: str) -> "Book":
        """Return a station's book."""
        return self.known.setdefault(name, Book(self.stations[name]))

    def let_go(self, name: str) -> None:
        """Forget what was read of a station: the rows of forty are more than a computer holds."""
        if name in self.known:
            self.known.pop(name).close()

    def told_until(self, seq: int) -> dict[str, dict[str, str]]:
        """Return what the hub's feed said up to a number: in the end all stations have heard the same."""
        if seq not in self._told:
            self._told[seq] = told(feed_of(self.central()), seq)
        return self._told[seq]


class Book:
    """One database, read once a table."""

    def __init__(self, address: str) -> None:
        """Read it from its file, or from its server."""
        self._address = address
        self._tables: dict[str, list[Row]] = {}
        self._connection: Any = None

    def _cursor(self) -> Any:
        if self._connection is None:
            self._connection = connect(self._address)
        return self._connection.cursor()

    def close(self) -> None:
        """Let go of it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def rows(self, table: str) -> list[Row]:
        """Return a table's rows by column; bytes in hex."""
        if table not in self._tables:
            cursor = self._cursor()
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [each[0] for each in cursor.description]
            self._tables[table] = [dict(zip(names, map(_plain, raw), strict=True)) for raw in cursor.fetchall()]
        return self._tables[table]

    def names(self) -> list[str]:
        """Return the names of its tables."""
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        if not self._address.startswith("postgresql"):
            sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        cursor = self._cursor()
        cursor.execute(sql)
        return sorted(row[0] for row in cursor.fetchall())

    def key_columns(self, table: str) -> list[str]:
        """Return the columns of a station's table by which its rows are told apart."""
        cursor = self._cursor()
        cursor.execute(f'PRAGMA table_info("{table}")')
        found = [(row[5], row[1]) for row in cursor.fetchall() if row[5]]
        return [name for _, name in sorted(found)]


def connect(address: str) -> Any:
    """Return a connection to a database that only looks."""
    if address.startswith("postgresql"):
        import psycopg

        return psycopg.connect(address.replace("postgresql+psycopg", "postgresql"), autocommit=True)
    import sqlcipher3.dbapi2 as driver

    connection = driver.connect(address, isolation_level=None)
    connection.execute("PRAGMA cipher_default_hmac_algorithm = HMAC_SHA256")
    connection.execute(f"PRAGMA key = \"x'{KEY}'\"")
    connection.execute("PRAGMA query_only = ON")
    return connection


def _plain(value: object) -> object:
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else value


def chained(prev: str, parts: list[object]) -> str:
    """Return the hash that follows on `prev`: over it and the parts, each with its length as 8 bytes in front."""
    text = bytes.fromhex(prev)
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode()
        text += len(raw).to_bytes(8, "big") + raw
    return sha256(text).hexdigest()


def text_of(row: Row) -> str:
    """Return a row as text, to be compared."""
    return json.dumps(row, sort_keys=True)


def feed_of(book: Book) -> list[Row]:
    """Return the feed in its order."""
    return sorted(book.rows("feed"), key=lambda row: row["seq"])


def told(feed: list[Row], until: int | None = None) -> dict[str, dict[str, str]]:
    """Return what the feed says of every row up to a number, by table and key, as they are written here."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in feed:
        if until is not None and row["seq"] > until:
            break
        if row["kind"] == "row":
            found[row["entity"]][same(row["key"])] = same(row["content"])
        elif row["kind"] == "gone":
            found[row["entity"]].pop(same(row["key"]), None)
    return found


@lru_cache(maxsize=100_000)
def same(text: str) -> str:
    """Return JSON as it is written here."""
    return json.dumps(json.loads(text), sort_keys=True)
