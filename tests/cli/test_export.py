"""Exports have exactly their columns, in both formats, whole or not at all, and nothing in them runs."""

import csv
import errno
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.exchange.exports import COLUMNS, disarm
from tests.cli.commands import ROOT, Shell, started
from tests.homes import Played, copy_home
from tests.printing.readers import codes

PAGE = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
ISSUE = {
    "orders": "channel, owner, order, line, sku, ordered, shipped, short, cancelled, open",
    "stock": "site, owner, sku, lot, serial, lpn, location, condition, quantity",
    "movements": "at, operation, cause, site, owner, sku, lot, serial, lpn, condition, from, to, quantity",
    "parcels": "parcel, label, order, fulfilment, carrier, manifest, loaded_at, sku, lot, serial, quantity",
}


@pytest.fixture(scope="module")
def worked(played_shift: Played, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose shift was played."""
    return copy_home(played_shift.home, tmp_path_factory.mktemp("worked") / "home")


@pytest.fixture
def at(worked: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(worked, capsys)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("what", ISSUE)
def test_the_columns_are_these_in_this_order_in_both_formats_and_on_the_page(
    at: Shell, tmp_path: Path, what: str
) -> None:
    names = ISSUE[what].split(", ")
    for ending in ("csv", "jsonl"):
        assert at("export", what, tmp_path / f"it.{ending}", "--json").code == 0

    lines = (tmp_path / "it.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split(",") == names == list(COLUMNS[what])
    text = (tmp_path / "it.jsonl").read_text(encoding="utf-8")
    objects: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    assert {tuple(each) for each in objects} == {tuple(names)}
    assert [list(map(str, each.values())) for each in objects] == [list(r.values()) for r in rows(tmp_path / "it.csv")]
    assert f"`{ISSUE[what]}`" in PAGE


def test_the_commands_of_the_page_are_the_commands(at: Shell, tmp_path: Path) -> None:
    found = re.search(r"dockside export (\S+) FILE", PAGE)
    assert found is not None

    for what in found[1].split("|"):
        assert at("export", what, tmp_path / "it.jsonl", "--since", "2020-01-01T00:00:00+01:00").code == 0


def test_a_loaded_parcel_names_its_manifest_and_time(at: Shell, tmp_path: Path) -> None:
    at("export", "parcels", tmp_path / "it.csv")

    found = rows(tmp_path / "it.csv")
    assert found
    assert all(row["manifest"] and row["loaded_at"].endswith("+00:00") and len(row["label"]) == 18 for row in found)


@pytest.mark.parametrize("what", ["orders", "movements", "parcels"])
def test_since_leaves_out_what_has_not_changed(at: Shell, tmp_path: Path, what: str) -> None:
    whole = at("export", what, tmp_path / "whole.csv", "--json").data["rows"]

    assert at("export", what, tmp_path / "it.csv", "--since", "2020-01-01", "--json").data["rows"] == whole > 0
    assert at("export", what, tmp_path / "it.csv", "--since", "2100-01-01", "--json").data["rows"] == 0
    assert len((tmp_path / "it.csv").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "  =1+1", "=cmd|'/c calc'!A1"])
def test_what_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert disarm(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "SOAP-OLIV", "1-2", "a=b", "'=1"])
def test_what_it_would_not_run_stays(text: str) -> None:
    assert disarm(text) == text


def test_an_imported_formula_comes_out_disarmed_in_csv_and_as_it_was_in_json(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        'channel,order,line,sku,quantity,ordered_at\n"=2+5",@A1,1,SOAP-OLIV,1,2025-12-16T09:00:00\n', encoding="utf-8"
    )
    assert shell("import", "orders", tmp_path / "in.csv").code == 0
    for ending in ("csv", "jsonl"):
        shell("export", "orders", tmp_path / f"out.{ending}")

    assert any(row["channel"] == "'=2+5" and row["order"] == "'@A1" for row in rows(tmp_path / "out.csv"))
    assert '"channel": "=2+5", "owner": "", "order": "@A1"' in (tmp_path / "out.jsonl").read_text(encoding="utf-8")


REFUSED = {
    "cannot be exported; there are orders, stock, movements, parcels": ("people", "it.csv"),
    "must end in .csv or .jsonl": ("orders", "it.txt"),
    "cannot be written: No such file or directory": ("orders", "nowhere/it.csv"),
    "cannot be written: Is a directory": ("orders", "folder.csv"),
    "--since is no ISO time: yesterday": ("orders", "it.csv", "--since", "yesterday"),
    "--since is no ISO time: 2025-02-30": ("orders", "it.csv", "--since", "2025-02-30"),
}


@pytest.mark.parametrize("words", REFUSED)
def test_an_export_that_cannot_be_is_told_and_leaves_nothing(at: Shell, tmp_path: Path, words: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    what, name, *more = REFUSED[words]

    said = at("export", what, tmp_path / name, *more)

    assert said.code == 2
    assert words in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_a_full_disk_leaves_the_file_of_before(at: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "it.csv").write_text("before", encoding="utf-8")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("core.exchange.exports.os.fsync", full)
    said = at("export", "orders", tmp_path / "it.csv")

    assert said.code == 2
    assert "cannot be written: No space left on device" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["it.csv"]
    assert (tmp_path / "it.csv").read_text(encoding="utf-8") == "before"


def test_a_full_disk_ends_an_import_with_a_sentence_and_what_was_written_adds_up(shell: Shell, tmp_path: Path) -> None:
    import resource

    lines = "".join(f"web,{n},1,SOAP-OLIV,1,2025-12-16T09:00:00\n" for n in range(4_000))
    (tmp_path / "in.csv").write_text(f"channel,order,line,sku,quantity,ordered_at\n{lines}", encoding="utf-8")
    room = max((shell.home / "station.db").stat().st_size, 1_000_000) + 100_000

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    process = started(("import", "orders", tmp_path / "in.csv"), shell.home, preexec_fn=small)
    _, err = process.communicate(timeout=120)

    assert process.returncode == 2
    assert len(err.splitlines()) == 1, err
    assert err.startswith("dockside: ")
    assert shell("verify").out == "Everything adds up.\n"
    said = shell("import", "orders", tmp_path / "in.csv", "--json")
    assert said.data["imported"] + said.data["unchanged"] == 4_000
    assert said.data["imported"] > 0


def test_orders_are_exported_in_time_that_grows_with_their_lines(shell: Shell, tmp_path: Path) -> None:
    """No step of the query looks at every fulfilment line for every order line."""
    import sqlalchemy as sa

    from core.exchange import exports
    from core.kernel.database import open_station
    from core.kernel.home import Home

    place = Home(shell.home)
    database = open_station(place.database, place.key())
    heard: list[tuple[str, object]] = []
    with database.reading() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *said: heard.append((said[2], said[3])))
        exports.export(connection, 1, "orders", tmp_path / "it.csv")  # type: ignore[arg-type]
        sql, values = heard[0]
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    database.dispose()
    assert any("order_line=?" in str(step[3]) for step in steps), [step[3] for step in steps]


def test_what_was_printed_is_listed_and_shown_as_it_was(at: Shell, tmp_path: Path) -> None:
    listed = at("print", "jobs", "--last", "1000", "--json").data["jobs"]
    assert {job["document"] for job in listed} >= {"house_label", "packing_slip", "manifest"}
    assert all(job["template"] == f"{job['document']} 1" for job in listed if job["rendering"])
    label = next(job for job in listed if job["document"] == "house_label" and job["rendering"])
    out = tmp_path / "label.zpl"
    said = at("print", "show", label["code"], "--out", out, "--json")
    assert (said.data["template"], said.data["document"]) == ("house_label 1", "house_label")
    assert hashlib.sha256(out.read_bytes()).hexdigest() == said.data["rendering"]
    assert at("print", "show", label["code"], "--out", tmp_path / "label.png").code == 0
    assert {code.data for code in codes(Image.open(tmp_path / "label.png"))} >= {f"(00){label['code']}"}
    sheet = next(job for job in listed if job["document"] == "manifest" and job["rendering"])
    assert at("print", "show", sheet["job"][-12:], "--out", tmp_path / "manifest.pdf").code == 0
    assert (tmp_path / "manifest.pdf").read_bytes().startswith(b"%PDF-")
    refused = at("print", "show", "nothing", "--out", tmp_path / "nothing.zpl")
    assert (refused.code, "no print job here ends in 'nothing'" in refused.err) == (2, True)
    assert not (tmp_path / "nothing.zpl").exists()


def test_a_slip_and_a_manifest_are_made_again_of_what_they_said(at: Shell, tmp_path: Path) -> None:
    jobs = at("print", "jobs", "--last", "1000", "--json").data["jobs"]
    assert jobs
    for kind, number in (("packing-slip", "100482"), ("manifest", "1")):
        out = tmp_path / f"{kind}.pdf"
        assert at("print", "document", kind, number, "--out", out, "--language", "de").code == 0
        assert out.read_bytes().startswith(b"%PDF-")
