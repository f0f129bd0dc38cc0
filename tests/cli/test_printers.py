"""`dockside printers …`: added and assigned by people, looked at, reported."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.printers.model import Speech
from desktop.print_room import virtual_printer
from tests.cli.commands import Shell, contents


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with virtual_printer(tmp_path / "printed") as ports:
        yield ports["label"].port


def test_a_printer_is_added_assigned_and_taken_out_again(shell: Shell) -> None:
    assert shell("printers", "list").out.startswith("There are no printers yet")
    words = ("add", "P-07", "tcp:10.0.0.7:9100", "--dpi", 300, "--media", "4x6", "--place", "4 m left")
    assert shell("printers", *words).code == 0
    assert shell("printers", "add", "P-08", "tcp:10.0.0.8").code == 0

    assert (
        shell("printers", "assign", "house_label", "P-07", "--fallback", "P-08", "--here", "--carrier", "DHL").code == 0
    )
    assert shell("printers", "assign", "label", "P-08").code == 0

    said = shell("printers", "list", "--json").data
    assert [(each["name"], each["dpi"], each["speech"]) for each in said["printers"]] == [
        ("P-07", 300, "untried"),
        ("P-08", 203, "untried"),
    ]
    assert [(each["document"], each["station"], each["carrier"], each["printer"], each["fallback"]) for each in said["routes"]] == [
        ("label", "", "", "P-08", ""), ("house_label", "here", "DHL", "P-07", "P-08"),
    ]  # fmt: skip
    assert "house_label (station here, carrier DHL) goes to P-07, else P-08" in shell("printers", "list").out
    assert shell("printers", "assign", "label", "").code == 0
    assert len(shell("printers", "list", "--json").data["routes"]) == 1


def test_a_printer_is_asked_what_it_is_where_nobody_says_so(shell: Shell, port: int) -> None:
    assert shell("printers", "add", "P-07", f"127.0.0.1:{port}", "--ask").code == 0

    [found] = shell("printers", "list", "--json").data["printers"]
    assert (found["address"], found["language"], found["dpi"], found["speech"]) == (
        f"tcp:127.0.0.1:{port}", "zpl", 203, "answers",
    )  # fmt: skip
    said = shell("printers", "add", "P-08", f"127.0.0.1:{port}", "--ask", "--dpi", 300)
    assert (said.code, "says that it is 203: leave --dpi 300 out" in said.err) == (2, True)


def test_a_printer_is_taken_off_with_what_goes_to_it(shell: Shell) -> None:
    for name in ("P-07", "P-08"):
        shell("printers", "add", name, f"usb:/dev/usb/lp-{name}")
    shell("printers", "assign", "label", "P-07", "--fallback", "P-08")
    shell("printers", "assign", "document", "P-08")

    said = shell("printers", "remove", "P-08", "--json")

    assert (said.code, [each["document"] for each in said.data["routes"]]) == (0, ["document", "label"])
    left = shell("printers", "list", "--json").data
    assert [each["name"] for each in left["printers"]] == ["P-07"]
    assert [(each["document"], each["printer"], each["fallback"]) for each in left["routes"]] == [("label", "P-07", "")]
    assert (
        shell("printers", "remove", "P-07").out == "Printer P-07 is taken off; nothing goes there any more of: label.\n"
    )
    assert shell("printers", "list", "--json").data["routes"] == []


WRONG: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (("add", "P-07", "fax:7"), 2, "'fax:7' names no printer"),
    (("add", "P-07", "tcp:127.0.0.1:9", "--ask"), 2, "is the address right?"),
    (("add", "P-07", "tcp:10.0.0.7:x"), 2, "'x' is no number"),
    (("add", "P-07", "tcp:10.0.0.7", "--language", "hpgl"), 2, "'hpgl' is none of"),
    (("add", "P-07", "tcp:10.0.0.7", "--asked", "telepathy"), 2, "--asked is one of"),
    (("add", "P-07", "windows:ZDesigner"), 2, "needs Windows"),
    (("add", "P-07", "ipp://"), 2, "takes documents (--language pdf), not zpl"),
    (("add", "P-07", "ipp://", "--language", "pdf"), 2, "names no print server"),
    (("add", "P-07", "ipp://host/ipp/print"), 2, "takes documents (--language pdf), not zpl"),
    (("add", "P-07", "tcp::9100"), 2, "names no host"),
    (("add", "P-07", "usb:/etc/passwd"), 2, "/etc/passwd is no device"),
    (("add", "P-07", "usb:/dev/../etc/passwd"), 2, "is no device"),
    (("add", "P-07", "serial:/etc/passwd"), 2, "/etc/passwd is no device"),
    (("add", "P-07", "tcp:10.0.0.7", "--dpi", "250"), 2, "250 dpi: heads have 203, 300, 600"),
    (("add", " ", "tcp:10.0.0.7"), 2, "a printer needs a name"),
    (("remove", "P-99"), 2, "there is no printer P-99"),
    (("assign", "foo", "P-07"), 2, "'foo' is no kind of paper: label, document, badge_label,"),
    (("assign", "label", "P-99"), 1, "there is no printer P-99"),
    (("assign", "label", ""), 1, "there is no such route"),
    (("test", "P-99"), 2, "there is no printer P-99"),
    (("report", "--since", "yesterday"), 2, "--since"),
)


def test_what_cannot_be_is_one_sentence_and_nothing_is_written(shell: Shell) -> None:
    before = contents(shell.home)

    for words, code, why in WRONG:
        said = shell("printers", *words)
        assert said.code == code, words
        assert why in said.err

    assert contents(shell.home) == before


def test_a_printer_that_is_there_is_written_anew_only_where_that_is_said(shell: Shell) -> None:
    shell("printers", "add", "P-07", "tcp:10.0.0.7")
    said = shell("printers", "add", "P-07", "tcp:10.0.0.8")
    assert (said.code, "P-07 is there already (tcp:10.0.0.7, zpl): --anew" in said.err) == (2, True)
    assert [each["address"] for each in shell("printers", "list", "--json").data["printers"]] == ["tcp:10.0.0.7"]
    assert shell("printers", "add", "P-07", "tcp:10.0.0.8", "--anew").code == 0
    assert [each["address"] for each in shell("printers", "list", "--json").data["printers"]] == ["tcp:10.0.0.8"]


def test_a_printer_is_looked_at_and_that_it_answers_is_kept(shell: Shell, port: int) -> None:
    shell("printers", "add", "P-07", f"tcp:127.0.0.1:{port}")
    shell("printers", "assign", "label", "P-07")

    said = shell("printers", "test", "P-07", "--json")

    assert said.code == 0
    assert (said.data["state"], said.data["speech"], said.data["dpi"], said.data["labels_printed"]) == (
        "ready",
        "answers",
        203,
        0,
    )
    assert [each["speech"] for each in shell("printers", "list", "--json").data["printers"]] == ["answers"]
    standing = shell("printers", "status", "--json")
    assert (standing.code, standing.data["printers"][0]["state"], standing.data["in_doubt"]) == (0, "ready", 0)


def test_a_head_of_another_resolution_is_told(shell: Shell, port: int) -> None:
    shell("printers", "add", "P-07", f"tcp:127.0.0.1:{port}", "--dpi", 300)

    said = shell("printers", "test", "P-07")

    assert (said.code, "its head has 203 dpi" in said.out) == (1, True)


def test_a_printer_that_is_away_is_no_ready_one(shell: Shell) -> None:
    shell("printers", "add", "P-07", "usb:/dev/usb/lp-none")
    shell("printers", "assign", "label", "P-07")

    said = shell("printers", "status", "--json")

    assert (said.code, said.data["printers"][0]["troubles"]) == (1, ["unreachable"])


def test_where_it_is_another_printer_it_is_found_out_anew_whether_it_answers(shell: Shell, port: int) -> None:
    shell("printers", "add", "P-07", f"tcp:127.0.0.1:{port}")
    shell("printers", "test", "P-07")
    shell("printers", "add", "P-07", f"tcp:127.0.0.1:{port}", "--place", "left", "--anew")
    assert shell("printers", "list", "--json").data["printers"][0]["speech"] == Speech.ANSWERS
    shell("printers", "add", "P-07", "tcp:10.0.0.7", "--anew")
    assert shell("printers", "list", "--json").data["printers"][0]["speech"] == Speech.UNTRIED


def test_the_ledger_has_nothing_to_report_at_first(shell: Shell) -> None:
    assert shell("printers", "report").out == "Nothing was printed twice, nothing waits, nothing is in doubt.\n"
    assert json.loads(shell("printers", "report", "--json").out) == {
        "printed_again": [],
        "in_doubt_too_long": [],
        "open": [],
    }


def test_a_printer_prints_its_ladder_and_then_as_dark_as_the_step_that_was_scanned(shell: Shell) -> None:
    shell("printers", "add", "P-07", "tcp:10.0.0.7", "--gap", 2, "--speed", 4)

    said = shell("printers", "darkness", "P-07", "--json").data
    assert said == {"name": "P-07", "steps": [8, 13, 18, 23, 28]}
    assert "Scan the one with the sharpest bars" in shell("printers", "darkness", "P-07").out

    assert shell("printers", "darkness", "P-07", "DARK-Z-13", "--json").data == {"name": "P-07", "darkness": 13}
    [row] = shell("printers", "list", "--json").data["printers"]
    assert (row["darkness"], row["speed"], row["gap_mm"]) == (13, 4, 2)
    assert shell("printers", "darkness", "P-07", "15", "--json").data["darkness"] == 15


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("darkness", "P-99"), "there is no printer P-99"),
        (("darkness", "P-07", "DARK-T-12"), "DARK-T-12 is a step of tspl, P-07 speaks zpl"),
        (("darkness", "P-07", "31"), "darkness 31: zpl has 0 to 30"),
        (("darkness", "P-07", "dark"), "'dark' is neither the code of a step nor a number"),
        (("darkness", "P-08"), "P-08 speaks pdf, which cannot say how dark to print"),
        (("add", "P-09", "tcp:10.0.0.9", "--darkness", "31"), "darkness: 31 is not between 0 and 30"),
    ],
)
def test_a_darkness_that_cannot_be_is_one_sentence_and_nothing_is_written(
    shell: Shell, words: tuple[str, ...], why: str
) -> None:
    shell("printers", "add", "P-07", "tcp:10.0.0.7")
    shell("printers", "add", "P-08", "tcp:10.0.0.8", "--language", "pdf")
    before = contents(shell.home)

    said = shell("printers", *words)

    assert (said.code, contents(shell.home)) == (2, before)
    assert why in said.err


def test_a_printers_profile_has_what_it_said_of_itself(shell: Shell, port: int) -> None:
    shell("printers", "add", "P-07", f"tcp:127.0.0.1:{port}", "--here")
    (before,) = shell("printers", "list", "--json").data["printers"]
    assert (before["station"], before["model"], before["seen_at"]) == ("here", "", None)

    shell("printers", "test", "P-07")

    (after,) = shell("printers", "list", "--json").data["printers"]
    assert after["model"].startswith("DOCKSIDE-VIRTUAL")
    assert after["firmware"]
    assert after["seen_at"].endswith("+00:00")
    assert "from here only; DOCKSIDE-VIRTUAL" in shell("printers", "list").out
