"""`dockside order`: the office cancels, changes and holds orders of a standalone station, at whatever stage they are."""

import json

import pytest

from core.kernel.home import Home
from tests.cli.commands import Shell, contents

RELEASED = "100466"
"""An order of the sample that waits on a cart's list."""
ORDER = "W-1"


@pytest.fixture(autouse=True)
def an_order_that_nobody_works_on(shell: Shell) -> None:
    """Import one: it is promised, and not released."""
    path = shell.home / "more.csv"
    path.write_text("channel,order,sku,quantity\nweb,W-1,SOAP-ROSE,3\n", encoding="utf-8")
    assert shell("import", "orders", path).code == 0
    path.unlink()


def line_of(shell: Shell, order: str = ORDER) -> dict[str, object]:
    return dict(shell("explain", order, "--json").data["lines"][0])


def stages(shell: Shell, order: str = ORDER) -> set[str]:
    return {row["stage"] for row in shell("explain", order, "--json").data["lines"]}


def exported(shell: Shell, order: str = ORDER) -> list[dict[str, object]]:
    path = shell.home / "orders.jsonl"
    assert shell("export", "orders", path).code == 0
    rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    path.unlink()
    return [row for row in rows if row["order"] == order]


def test_an_order_is_cancelled_and_its_units_go_to_others(shell: Shell) -> None:
    said = shell("order", "cancel", ORDER, "--reason", "changed their mind", "--json")

    assert (said.code, said.err) == (0, "")
    assert said.data["order"] == ORDER
    assert said.data["cancelled"] > 0
    assert (said.data["put_back"], said.data["too_late"]) == (0, 0)
    assert stages(shell) == {"cancelled"}
    assert all(row["open"] == 0 and row["cancelled"] == row["ordered"] for row in exported(shell))
    assert shell("verify").code == 0

    again = shell("order", "cancel", ORDER)
    assert again.code == 1
    assert "cancelled" in again.err


def test_fewer_units_of_a_line_are_wanted_and_then_more(shell: Shell) -> None:
    ordered = exported(shell)[0]["ordered"]
    assert isinstance(ordered, int)
    more = shell("order", "change", ORDER, "--quantity", f"1={ordered + 2}", "--json")
    assert (more.code, more.data["raised"]) == (0, 1)
    assert exported(shell)[0]["open"] == ordered + 2

    fewer = shell("order", "change", ORDER, "--quantity", "1=1", "--json")
    assert (fewer.code, fewer.data["cancelled"]) == (0, ordered + 1)
    assert exported(shell)[0]["open"] == 1
    assert shell("verify").code == 0


def test_an_order_that_is_not_paid_waits_until_it_is(shell: Shell) -> None:
    assert shell("order", "change", ORDER, "--unpaid").code == 0
    assert "payment" in shell("explain", ORDER).out

    assert shell("order", "change", ORDER, "--paid", "--priority", "9", "--cut-off", "2031-01-31T17:30").code == 0
    assert "payment" not in shell("explain", ORDER).out
    assert shell("verify").code == 0


def test_what_is_on_the_floor_stops(shell: Shell) -> None:
    said = shell("order", "change", RELEASED, "--unpaid", "--json")
    assert (said.code, said.data["stopped"]) == (0, 1)
    assert "changed" in shell("explain", RELEASED).out

    said = shell("order", "cancel", RELEASED, "--json")
    assert said.code == 0
    assert said.data["cancelled"] > 0
    assert stages(shell, RELEASED) == {"cancelled"}
    assert shell("verify").code == 0


def test_a_hold_stops_an_order_and_letting_go_ends_every_hold(shell: Shell) -> None:
    for note in ("first", "second"):
        assert shell("order", "hold", ORDER, "--reason", "address", "--note", note).code == 0
    held = shell("explain", ORDER)
    assert "held" in held.out

    said = shell("order", "let-go", ORDER, "--json")
    assert (said.code, said.data["holds"]) == (0, 0)
    assert "held" not in shell("explain", ORDER).out
    assert shell("order", "let-go", ORDER).code == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("cancel", "NO-SUCH"), "there is no order NO-SUCH"),
        (("cancel", ORDER, "--channel", "moon"), "there is no order W-1 of moon"),
        (("hold", "NO-SUCH"), "there is no order NO-SUCH"),
        (("let-go", ORDER), "Nothing holds order W-1."),
        (("change", ORDER), "nothing is to be changed"),
        (("change", ORDER, "--quantity", "1"), "1 is no quantity"),
        (("change", ORDER, "--quantity", "1=-2"), "1=-2 is no quantity"),
        (("change", ORDER, "--quantity", "1=1", "--quantity", "1=2"), "line 1 is named twice"),
        (("change", ORDER, "--quantity", "99=1"), "has no line 99"),
        (("change", ORDER, "--cut-off", "tomorrow"), "tomorrow is no time"),
        (("change", ORDER, "--cut-off", "0001-01-01"), "is no time"),
        (("change", ORDER, "--priority", "-1"), "priority"),
    ],
)
def test_what_cannot_be_done_changes_nothing_and_says_why(shell: Shell, words: tuple[str, ...], why: str) -> None:
    before = contents(shell.home)

    said = shell("order", *words)

    assert said.code == (1 if words[0] == "let-go" else 2)
    assert why in said.err
    assert contents(shell.home) == before


def test_two_channels_with_one_number_are_told_apart(shell: Shell, tmp_path: object) -> None:
    path = shell.home / "other.csv"
    path.write_text("channel,order,sku,quantity\nmarket,W-1,SOAP-ROSE,1\n", encoding="utf-8")
    assert shell("import", "orders", path).code == 0

    said = shell("order", "hold", ORDER)
    assert said.code == 2
    assert "say --channel" in said.err

    assert shell("order", "cancel", ORDER, "--channel", "market").code == 0
    rows = exported(shell)
    assert {row["channel"] for row in rows if row["cancelled"] == row["ordered"]} == {"market"}


@pytest.mark.parametrize(
    ("command", "instead"),
    [
        ("cancel", "cancel it at its window, scan the order there"),
        ("hold", "hold it at its window, scan the order there"),
        ("let-go", "let it go on at its window, scan the order there"),
        ("change", "close its window first"),
    ],
)
def test_where_a_window_is_open_it_is_said_what_to_do_there(shell: Shell, command: str, instead: str) -> None:
    more = ("--paid",) if command == "change" else ()
    with Home(shell.home).lock():
        said = shell("order", command, ORDER, *more)

    assert said.code == 2
    assert f"is in use by another Dockside process: {instead}" in said.err
