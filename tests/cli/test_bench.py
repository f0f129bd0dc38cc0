"""`dockside bench`: three simulated devices, scripted, their labels counted and compared with a ledger."""

import io
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop import scenario
from desktop.bench_window import BenchWindow
from desktop.cli import main
from desktop.virtual_bench import virtual_bench
from devices.scale_formats.asking import ScaleProtocol
from devices.simulation.scale import VirtualScale
from devices.simulation.scanner import VirtualScanner
from printing.simulation.machine import SENTENCES
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
        ('[{"to": "printer", "do": "fly"}]', "step 1: do: a printer knows no 'fly', but paper out, paper in,"),
        ('[{"to": "scanner", "do": "scan"}]', "step 1: code is a text"),
        ('[{"wait_ms": 1}, {"to": "scanner", "do": "scan", "code": 7}]', "step 2: code is a text, not 7"),
        ('[{"to": "scale", "do": "put", "grams": "abc"}]', "step 1: grams is a whole number of grams, not 'abc'"),
        ('[{"to": "scale", "do": "put", "grams": true}]', "step 1: grams is a whole number of grams, not True"),
        ('[{"to": "scale", "do": "put", "gramms": 4}]', "step 1: gramms: 'put' of a scale has no such field"),
        ('[{"to": "scale", "do": "noise", "hex": "0g"}]', "step 1: hex is bytes in hexadecimal, not '0g'"),
        ('[{"to": "scale", "do": "scan", "code": "A"}]', "step 1: do: a scale knows no 'scan', but freeze,"),
        ('[{"wait_ms": true}]', "step 1: wait_ms is a number"),
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
        {"to": "scale", "do": "put", "grams": 450},
    ]  # fmt: skip
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(steps))

    code, out, _ = say(capsys, "--simulate", "--dir", tmp_path / "bench", "--scenario", file, "--json")

    lines = [json.loads(line) for line in out]
    assert set(lines[0]) == {"printer", "scanner", "scale", "dir"}
    assert [line["ok"] for line in lines[1:-1]] == [True, True, True, True]
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
    assert said[2]["error"] == "to is one of printer, scanner, scale, not 'oven'"
    assert said[3]["differences"] == [{"job": "ab" * 16, "came_out": 1, "ledger": ""}]
    assert (code, out[-1]) == (1, f"{'ab' * 16}: came out 1 times, the ledger says nothing")


def test_everything_can_be_clicked_and_what_is_wrong_with_the_printer_is_lit(tmp_path: Path, qtbot: QtBot) -> None:
    with virtual_bench(tmp_path) as bench:
        window = BenchWindow(bench)
        qtbot.addWidget(window)
        window._lit["paper"].click()
        window._code.setText("A-01-04")
        window._scan("scan")

        assert window._lit["paper"].property("lit") is True
        assert bench.tell("printer", {"do": "state"})["troubles"] == ["paper"]
        assert window._said.text() == "scanner: scan"
        for button in window.findChildren(QPushButton):
            if button.text() not in ("Power cut", "Scan the last label"):
                button.click()
                assert window._said.text().partition(": ")[2], (button.text(), window._said.text())
        window._looking.stop()


def test_what_a_scenario_may_tell_a_device_is_what_the_device_does() -> None:
    held = {scenario._HEX: "00ff", scenario._GRAMS: 450}
    for device, wishes in scenario.WISHES.items():
        for do, fields in wishes.items():
            wish = {"do": do} | {name: held.get(what, "A-01") for name, what in fields.items()}
            assert scenario.wrong_wish({"to": device} | wish) == ""
            real = VirtualScanner("text") if device == "scanner" else VirtualScale(ScaleProtocol.SICS)
            assert do in ("plug", "unplug", "state") or real.script(wish) is not None, (device, do)
    for sentence in SENTENCES:
        said = sentence.replace("BYTES_PER_SECOND", "9").replace("BYTES", "9").replace("MM", "9")
        assert scenario.wrong_wish({"to": "printer", "do": said}) == ""
