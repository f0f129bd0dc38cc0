"""`dockside print labels` and `document` without a file: jobs of the ledger as any other's, looked over first, printed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image

from core.catalog.model import Site
from core.kernel.numbers import next_number
from core.kernel.operations import Operation
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Contact
from core.packing.bench import sscc_of
from core.packing.commands import SSCC_NUMBERS
from desktop.assembly import SIMULATED, assembled
from desktop.membership import write_profile
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


def pallets(home: Path, *rows: str) -> Path:
    file = home / "pallets.csv"
    file.write_text("\n".join(("sscc,order_number", *rows)) + "\n", encoding="utf-8")
    return file


def test_no_number_of_a_list_was_on_another_list_or_a_carton_within_a_year(shell: Shell, tmp_path: Path) -> None:
    foreign, other = "340123450000000017", "340123450000000024"
    out = tmp_path / "one.pdf"
    assert (
        shell("print", "labels", "logistic", "--file", pallets(shell.home, f"{foreign},PO-1"), "--out", out).code == 0
    )
    again = pallets(shell.home, f"{other},PO-2", f"{foreign},PO-3")
    for more in (("--out", tmp_path / "two.zpl"), ()):
        said = shell("print", "labels", "logistic", "--file", again, *more)
        assert (said.code, f"pallets.csv, line 3, column 'sscc': {foreign} was given out on " in said.err) == (1, True)
    assert not (tmp_path / "two.zpl").exists()
    with assembled(shell.home) as assembly, assembly.database.reading() as reader:
        table = sql_of(Site)
        prefix = str(reader.execute(table.select()).mappings().one()["gs1_prefix"])
    own = sscc_of(prefix, 900)
    said = shell("print", "labels", "logistic", "--file", pallets(shell.home, f"{own},PO-4"))
    assert "is one of this site's own: leave the column empty" in said.err
    # Of what was refused nothing counts as given out.
    assert shell("print", "labels", "logistic", "--file", pallets(shell.home, f"{other},PO-2"), "--json").code == 0


def test_a_list_without_numbers_draws_them_from_the_stations_own_and_no_carton_gets_one_again(shell: Shell) -> None:
    drawn = [
        shell("print", "labels", "logistic", "--file", pallets(shell.home, ",PO-1", ",PO-2"), "--json").data["jobs"]
        for _ in range(2)
    ]

    codes_of = {each.id.hex(): each.code for each in jobs_of(shell.home)}
    found = [codes_of[job] for run in drawn for job in run]
    with assembled(shell.home) as assembly, assembly.database.reading() as reader:
        prefix = str(reader.execute(sql_of(Site).select()).mappings().one()["gs1_prefix"])
        next_one = next_number(reader, assembly.identity.site, SSCC_NUMBERS, assembly.identity.station)
    first = next_one.value - 4
    assert found == [sscc_of(prefix, n) for n in range(first, first + 4)]


def test_a_document_for_a_customer_is_in_their_language_where_nobody_says_another(shell: Shell, tmp_path: Path) -> None:
    with assembled(shell.home) as assembly:
        contacts = sql_of(Contact)
        assembly.writer.maintain(lambda it: _set(it, contacts.update().values(language="de", customer="4711"))).result()
    (shell.home / "templates").mkdir()
    (shell.home / "templates" / "return_slip@4711.toml").write_text('version = 2\nsender = ["Acme Returns"]\n', "utf-8")
    shell("print", "document", "return-slip", "100482")
    shell("print", "document", "return-slip", "100482", "--language", "en")

    first, second = jobs_of(shell.home)
    assert [(each.language, each.customer) for each in (first, second)] == [("de", "4711"), ("en", "4711")]
    assert first.template == "return_slip 1, return_slip@4711.toml 2"


def _set(connection: sa.Connection, statement: sa.Update) -> None:
    with connection.begin():
        connection.execute(statement)
