"""`dockside bench`: three simulated devices, scripted, their labels counted and compared with a ledger."""

import io
import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.bench_window import BenchWindow
from desktop.cli import main
from desktop.virtual_bench import virtual_bench
from tests.cli.commands import Shell


def say(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[str], str]:
    code = main(["bench", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def test_without_saying_that_it_simulates_nothing_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = say(capsys, "--dir", tmp_path / "bench")

    assert (code, out, (tmp_path / "bench").exists()) == (1, [], False)
    assert "--simulate" in err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "a scenario is a list"), ("[", "Expecting value"), ('[{"wait_ms": -1}]', "step 1: wait_ms"),
        ('[{"to": "printer", "do": "pause"}, {"to": "oven", "do": "bake"}]', "step 2: to is one of printer, scanner, scale"),
        ('[{"to": "printer"}]', "step 1: a step is"),
    ],
)  # fmt: skip
def test_a_scenario_that_cannot_be_played_is_refused_by_its_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    file = tmp_path / "scenario.json"
    file.write_text(text)

    code, out, err = say(capsys, "--simulate", "--dir", tmp_path / "bench", "--scenario", file)

    assert (code, out) == (2, [])
    assert why in err


def test_a_scenario_is_played_on_all_three_and_the_labels_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [
        {"to": "printer", "do": "paper out"}, {"wait_ms": 1}, {"to": "scanner", "do": "scan", "code": "A-01-04"},
        {"to": "scale", "do": "put", "grams": 450}, {"to": "printer", "do": "explode"},
    ]  # fmt: skip
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(steps))

    code, out, _ = say(capsys, "--simulate", "--dir", tmp_path / "bench", "--scenario", file, "--json")

    lines = [json.loads(line) for line in out]
    assert set(lines[0]) == {"printer", "scanner", "scale", "dir"}
    assert [line["ok"] for line in lines[1:6]] == [True, True, True, True, False]
    assert (code, lines[-1]["labels"], lines[-1]["differences"]) == (0, 0, [])


def test_lines_are_told_and_the_count_is_compared_with_a_stations_ledger(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "sys.stdin",
        io.StringIO('{"to": "printer", "do": "pause"}\n\nnonsense\n{"to": "oven", "do": "bake"}\n{"do": "report"}\n'),
    )
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "printed.jsonl").write_text(
        json.dumps({"job": "ab" * 16, "copies": 1, "file": "000001.zpl", "spoilt": False}) + "\n"
    )

    code, out, _ = say(capsys, "--simulate", "--dir", folder, "--ledger", "--home", shell.home)

    said = [json.loads(line) for line in out[1:5]]
    assert [each["ok"] for each in said] == [True, False, False, True]
    assert said[3]["differences"] == [{"job": "ab" * 16, "came_out": 1, "ledger": ""}]
    assert (code, out[-1]) == (1, f"{'ab' * 16}: came out 1 times, the ledger says nothing")


def test_everything_can_be_clicked_and_what_is_wrong_with_the_printer_is_lit(tmp_path: Path, qtbot: QtBot) -> None:
    with virtual_bench(tmp_path) as bench:
        window = BenchWindow(bench)
        qtbot.addWidget(window)
        window._lit["paper"].click()
        window._code.setText("A-01-04")
        window._scan()

        assert window._lit["paper"].property("lit") is True
        assert bench.tell("printer", {"do": "state"})["troubles"] == ["paper"]
        assert window._said.text() == "scanner: scan"
        window._looking.stop()
