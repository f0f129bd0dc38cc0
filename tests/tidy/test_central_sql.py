"""What the hub says to its database is portable, so that a distributed PostgreSQL stays a matter of how it is set up."""

import ast
import re
from pathlib import Path

import pytest

import core.everything  # noqa: F401  every table must be declared
from core.kernel.tables import TABLES

ROOT = Path(__file__).parents[2]
SPEAKERS = sorted(path for room in ("core", "sync") for path in (ROOT / room).rglob("*.py"))
FROZEN = ROOT / "core" / "kernel" / "migrations" / "versions" / "r0001.postgresql.sql"

STATIONS_OWN = {
    "gesture", "flow_state", "private_out", "private_wanted", "set_aside", "shadow", "profile", "loaded_key",
}  # fmt: skip
"""Tables that are empty at a hub: what a station keeps for itself."""

NOT_PORTABLE = re.compile(
    r"\bxid8\b|txid_current|pg_current_xact|pg_snapshot|\bLISTEN\s|\bNOTIFY\s|pg_notify|advisory|\bDEFERRABLE\b|INITIALLY DEFERRED"
    r"|CREATE SEQUENCE|\bnextval\b|\w (BIG)?SERIAL\b|GENERATED\s+(ALWAYS|BY DEFAULT)|\bSERIALIZABLE\b|UNLOGGED|TABLESPACE"
)


def words_of(path: Path) -> list[str]:
    """Return every text of a module that is no docstring: what may be sent to a database."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    told = {id(each.value) for each in nodes if isinstance(each, ast.Expr)}
    return [
        each.value
        for each in nodes
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in told
    ]


def test_nothing_is_asked_that_one_make_of_database_alone_understands() -> None:
    assert len(SPEAKERS) > 200
    assert [
        (path.relative_to(ROOT).as_posix(), text)
        for path in SPEAKERS
        for text in words_of(path)
        if NOT_PORTABLE.search(text)
    ] == []


def test_the_tables_are_made_by_portable_words() -> None:
    text = FROZEN.read_text(encoding="utf-8")

    assert "CREATE TABLE" in text
    assert not NOT_PORTABLE.search(text)


@pytest.mark.parametrize("words", ["SELECT pg_advisory_lock(1)", "LISTEN feed", "id BIGSERIAL", "DEFERRABLE", "x xid8"])
def test_what_is_not_portable_is_found(words: str) -> None:
    assert NOT_PORTABLE.search(words)


@pytest.mark.parametrize("table", sorted(set(TABLES) - STATIONS_OWN))
def test_keys_of_a_table_that_lives_at_a_hub_lead_with_the_site(table: str) -> None:
    """Several sites share a database, and none of their rows may be in another's way."""
    info = TABLES[table]

    assert info.key[0] == "site"
    assert {name for name, unique in info.unique.items() if unique.columns[0] != "site"} == set()
    assert {str(index.name) for index in info.sql.indexes if next(iter(index.columns)).name != "site"} == set()


@pytest.mark.parametrize("table", sorted(STATIONS_OWN))
def test_a_table_of_a_stations_own_is_one(table: str) -> None:
    assert TABLES[table].kind == "local"
