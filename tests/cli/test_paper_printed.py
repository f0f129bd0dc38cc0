"""`dockside print labels` and `document` without a file: jobs of the ledger as any other's, looked over first, printed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.kernel.operations import Operation
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from desktop.assembly import SIMULATED, assembled, write_profile
from desktop.print_room import virtual_printer
from tests.cli.commands import Shell
from tests.printing.readers import codes


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with virtual_printer(tmp_path / "paper") as ports:
        yield ports["label"].port


def jobs_of(home: Path) -> tuple[PrintJob, ...]:
    with assembled(home) as assembly, assembly.database.reading() as reader:
        return rows_of(PrintJob, reader.execute(sql_of(PrintJob).select().order_by(sql_of(PrintJob).c.created_at)))


def read_off(folder: Path) -> list[set[str]]:
    """Return what the codes of each label say that came out."""
    return [{code.data for code in codes(Image.open(each))} for each in sorted(folder.glob("*.png"))]


def test_labels_come_out_of_the_printer_they_are_assigned_to_and_are_jobs_of_the_ledger(
    shell: Shell, tmp_path: Path, port: int
) -> None:
    shell("printers", "add", "P-07", f"tcp:127.0.0.1:{port}")
    shell("printers", "assign", "label", "P-07")

    said = shell("print", "labels", "tote", "TOTE-901..TOTE-903", "--language", "de", "--json")

    assert (said.code, said.err) == (0, "")
    assert (said.data["printer"], said.data["states"]) == ("P-07", {"printed": 3})
    assert read_off(tmp_path / "paper") == [{"TOTE-901"}, {"TOTE-902"}, {"TOTE-903"}]
    jobs = jobs_of(shell.home)
    assert [(each.document, each.code, each.outlet, each.language) for each in jobs] == [
        ("tote_label", f"TOTE-90{n}", "P-07", "de") for n in (1, 2, 3)
    ]
    assert {(each.state, each.confirmed_by, each.template) for each in jobs} == {
        (JobState.PRINTED, ConfirmedBy.COUNTER, "tote_label 1")
    }
    assert shell("print", "show", "TOTE-902", "--out", tmp_path / "kept.zpl").code == 0
    assert b"TOTE-902" in (tmp_path / "kept.zpl").read_bytes()


def test_what_they_say_travels_nowhere(shell: Shell) -> None:
    shell("print", "document", "return-slip", "100482")

    with assembled(shell.home) as assembly, assembly.database.reading() as reader:
        last = [
            each
            for each in rows_of(Operation, reader.execute(sql_of(Operation).select()))
            if each.kind == "print.paper"
        ]
    assert len(last) == 1
    assert "100482" not in last[0].body


def test_a_document_and_the_bench_of_a_sample_print_too(shell: Shell) -> None:
    said = shell("print", "document", "return-slip", "100482", "--language", "ar", "--json")

    assert (said.code, said.err) == (0, "")
    assert said.data["states"] == {"printed": 1}
    assert [(each.document, each.language, each.pages) for each in jobs_of(shell.home)] == [("return_slip", "ar", 1)]


def test_printed_once_more_with_a_reason_the_one_before_is_void(shell: Shell) -> None:
    shell("print", "labels", "location", "A-01-01")

    assert "is none of" in shell("print", "again", "A-01-01", "--reason", "BORED").err
    said = shell("print", "again", "A-01-01", "--reason", "lost", "--json")

    assert said.err == ""
    assert (said.code, said.data["states"]) == (0, {"printed": 1})
    assert [(each.state, each.copy_number, each.reason) for each in jobs_of(shell.home)] == [
        (JobState.VOIDED, 1, ""), (JobState.PRINTED, 2, "LOST"),
    ]  # fmt: skip


def test_one_label_that_will_not_do_stops_all_and_a_badge_is_no_job(shell: Shell) -> None:
    said = shell("print", "labels", "tote", "TOTE-1", "T" * 60)
    assert (said.code, "column 'code': " in said.err, "nothing was" in said.err) == (1, True, True)
    said = shell("print", "labels", "tote", "TOTE-0001..TOTE-0501")
    assert (said.code, "501 labels, at most 500 are printed at once" in said.err) == (1, True)
    badges = shell.home / "badges.csv"
    badges.write_text("code,name\nBADGE-NEW,Nina\n", encoding="utf-8")
    said = shell("print", "labels", "badge", "--file", badges)
    assert (said.code, "name a file with --out" in said.err) == (1, True)
    assert shell("print", "labels", "tote", "T-1", "--printer", "P-99").err.startswith(
        "dockside: there is no printer P-99"
    )
    assert shell("print", "labels", "tote", "T-1", "--dpi", "300").code == 2
    assert shell("print", "labels", "tote", "T-1", "--printer", "P-1", "--out", "x.pdf").code == 2
    assert jobs_of(shell.home) == ()


def test_without_a_printer_they_are_held_and_say_so(shell: Shell) -> None:
    with assembled(shell.home) as assembly:
        write_profile(assembly, **{SIMULATED: "0"})

    said = shell("print", "labels", "dock", "DOCK-1", "--json")

    assert (said.code, said.data["states"], said.data["fault"]) == (1, {"held": 1}, "no_printer")


def test_what_goes_with_a_carton_is_a_rule_that_is_said_listed_and_taken_out(shell: Shell) -> None:
    assert "does not go with a carton" in shell("print", "enclose", "manifest").err
    assert shell("print", "enclose", "carton-content", "logistic", "--channel", "edi", "--customer", "4711").code == 0
    assert shell("print", "enclose", "return", "--json").data == {
        "rules": [
            {"channel": "", "customer": "", "papers": ["return"]},
            {"channel": "edi", "customer": "4711", "papers": ["carton-content", "logistic"]},
        ]
    }
    assert shell("print", "enclose", "--nothing", "--json").data["rules"][0]["channel"] == "edi"
