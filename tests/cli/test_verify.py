"""What somebody changed behind the program's back is named, table, row and column, whatever the ledger says of itself."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.kernel.database import open_station
from core.kernel.home import Home
from tests.cli.commands import Shell, contents

FIRST_PICK_FACE = "SELECT min(code) FROM location WHERE role = 'pick'"
TAMPERED = {
    "a shelf that is another": (
        (f"UPDATE location SET role = 'reserve' WHERE code = ({FIRST_PICK_FACE})",),
        "location 1/",
        "expected role pick by the log, found role reserve",
    ),
    "a right that nobody gave": (
        ("UPDATE person SET roles = 'lead' WHERE roles = 'packer'",),
        "person 1/",
        "expected roles packer by the log, found roles lead",
    ),
    "a policy that nobody said": (
        ("INSERT INTO policy VALUES (1, 'weight', 'site', '', 'off', 'lead', 1)",),
        "policy 1/weight/site/",
        "expected no such row by the log, found one",
    ),
    "an order that went away": (
        ("DELETE FROM sales_order WHERE external_id = '100460'",),
        "sales_order 1/",
        "expected a row by the log, found none",
    ),
    "goods that came in for another reason": (
        ("DROP TRIGGER stock_entry_append_only_update", "UPDATE stock_entry SET cause = 'found'"),
        "stock_entry 1/",
        "expected cause receive by the log, found cause found",
    ),
    "the last operation taken off the log": (
        (
            "DROP TRIGGER op_log_append_only_delete",
            "DELETE FROM op_log WHERE position = (SELECT max(position) FROM op_log)",
        ),
        "",
        "expected no such row by the log, found one",
    ),
}


def tampered(home: Path, statements: Iterable[str]) -> None:
    place = Home(home)
    database = open_station(place.database, place.key())
    with database.connect() as connection, connection.begin():
        for statement in statements:
            connection.execute(sa.text(statement))
    database.dispose()


@pytest.mark.parametrize("what", TAMPERED)
def test_a_row_that_the_log_did_not_make_is_a_difference(shell: Shell, what: str) -> None:
    statements, row, words = TAMPERED[what]
    tampered(shell.home, statements)
    before = contents(shell.home)

    said = shell("verify", "--json")

    assert said.code == 1
    assert any(each.startswith(row) and words in each for each in said.data["differences"])
    assert contents(shell.home) == before, "looking changes nothing"


def test_what_takes_long_may_be_left_out(shell: Shell) -> None:
    statements, _, words = TAMPERED["a shelf that is another"]
    tampered(shell.home, statements)

    assert shell("verify", "--quick").out == "Everything adds up.\n"
    assert words in shell("verify").out


def test_a_broken_chain_is_told_and_nothing_is_made_again_from_it(shell: Shell) -> None:
    tampered(shell.home, ("DROP TRIGGER op_log_immutable_update", "UPDATE op_log SET device_ms = 0 WHERE position = 2"))

    said = shell("verify", "--json")

    assert said.code == 1
    assert [each.split(":")[0] for each in said.data["differences"]] == ["op_log position 2"]
