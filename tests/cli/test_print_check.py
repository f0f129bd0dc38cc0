"""`dockside print check`: whether somebody else's label may go to a printer, a line a file."""

import json
from pathlib import Path

import pytest

from desktop.cli import main
from printing.firewall import inspect
from tests.printing.test_pictured import pdf

GOOD = b"^XA^FO10,10^A0N,30,30^FDx^FS^XZ"


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, object]]]:
    code = main(["print", "check", *words, "--json"])
    said = capsys.readouterr()
    assert said.err == ""
    return code, [json.loads(line) for line in said.out.splitlines()]


def test_each_file_has_a_verdict_and_one_refusal_is_a_no(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.zpl", tmp_path / "bad.zpl"
    good.write_bytes(GOOD)
    bad.write_bytes(b"^XA^FDx ~JR^FS^XZ")
    code, [first, second] = checked(capsys, str(good), str(bad))
    assert code == 1
    assert (first["outcome"], first["labels"], first["size"], first["objections"]) == ("accepted", 1, len(GOOD), [])
    assert (second["outcome"], second["objections"]) == (
        "refused", [{"at": 8, "command": "~JR", "reason": "restarts the printer", "for_good": False}],
    )  # fmt: skip
    assert checked(capsys, str(bad), "--printer-admin")[0] == 0


def test_what_only_sets_the_printer_is_left_out_of_what_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sent = tmp_path / "carrier.zpl", tmp_path / "sent.zpl"
    file.write_bytes(b"^XA^MNY^MFN,N^FO10,10^A0N,30,30^FDx^FS^XZ")
    assert checked(capsys, str(file))[0] == 1
    assert checked(capsys, str(file), "--out", str(sent))[0] == 0
    begun, rest = sent.read_bytes().split(b"^JZY")
    assert (begun.startswith(b"^XA^CI0"), rest) == (True, GOOD[3:])
    file.write_bytes(b"^XA^MNY^FDx ~JR^FS^XZ")
    sent.unlink()
    assert checked(capsys, str(file), "--out", str(sent))[0] == 1
    assert not sent.exists()


def test_it_is_said_in_words_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.zpl"
    file.write_bytes(b"^XA^FDx ~JR^FS^XZ")
    assert main(["print", "check", str(file)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{file}: REFUSED, 1 label, SHA-256 ")
    assert said[1:] == ["  byte 8: ~JR restarts the printer"]


def test_a_label_for_another_head_is_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "good.zpl"
    file.write_bytes(GOOD)
    code, [told] = checked(capsys, str(file), "--dpi", "203", "--printer-dpi", "300")
    assert code == 1
    assert "fetch the label for 300 dpi" in json.dumps(told["objections"])
    assert checked(capsys, str(file), "--dpi", "300", "--printer-dpi", "300")[0] == 0


@pytest.mark.parametrize("words", [["check"], ["check", "a.zpl", "--dpi", "203"], ["check", "/nowhere/a.zpl"]])
def test_a_question_that_cannot_be_put_is_said_in_one_sentence(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["print", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("dockside: ")
    assert said.err.count("\n") == 1


def test_a_pdf_is_looked_over_as_the_dots_of_a_head_and_written_as_what_it_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, wrong, out = tmp_path / "good.pdf", tmp_path / "a4.pdf", tmp_path / "sent.zpl"
    good.write_bytes(pdf())
    wrong.write_bytes(pdf((210, 297)))

    assert main(["print", "check", str(good), "--printer-dpi", "203", "--out", str(out)]) == 0
    assert inspect(out.read_bytes()).passes()
    assert main(["print", "check", str(wrong), "--printer-dpi", "203"]) == 1
    assert "page 1 is 210.0 x 297.0 mm, the label 101.6 x 152.4 mm" in capsys.readouterr().out
