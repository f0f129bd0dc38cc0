"""A station driven by lines: every field the page names, bad lines, a program at the other end of a pipe, a whole shift."""

import json
import re
import subprocess
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from desktop.player import MISTAKES
from tests.cli.commands import ROOT, Said, Shell, contents, started
from tests.homes import Played

PAGE = (ROOT / "docs" / "replay.md").read_text(encoding="utf-8")
FIELDS = {
    "n", "event", "flow", "state", "prompt", "facts", "outcome", "reason", "reason_facts", "said", "tone", "note",
    "expects", "changes", "labels", "dropped", "ms",
}  # fmt: skip


def objects(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.out.splitlines()]


def follow(shell: Shell, tmp_path: Path, *lines: str) -> list[dict[str, Any]]:
    script = tmp_path / "script.txt"
    script.write_text("\n".join(lines), encoding="utf-8")
    said = shell("replay", "--script", script, "--json")
    assert said.code == 0, said
    return objects(said)


def test_the_example_of_the_page_runs_and_every_field_is_on_the_page(shell: Shell, tmp_path: Path) -> None:
    example = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None

    told = follow(shell, tmp_path, *example[1].splitlines())

    assert [each["n"] for each in told] == [0, 2, 3, 4, 6, 7, 8], "a line keeps its number, comments included"
    assert {name for each in told for name in each} == FIELDS
    assert {name for name in FIELDS if f"`{name}`" not in PAGE} == set()
    refused = told[4]
    assert (refused["outcome"], refused["reason"], refused["tone"]) == ("refused", "wrong_location", "refuse")
    assert refused["said"]
    assert told[3]["expects"][0]["meaning"] == "next"
    assert told[3]["prompt"]
    assert told[3]["changes"]
    assert isinstance(told[3]["ms"], float)


def test_without_json_each_event_is_a_line_to_read(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "script.txt").write_text("badge BADGE-MARA\nscan NO-SUCH-CODE\n", encoding="utf-8")

    lines = shell("replay", "--script", tmp_path / "script.txt").out.splitlines()

    assert len(lines) == 3
    assert "refused" in lines[2]
    assert "NO-SUCH-CODE" in lines[2]


BAD_LINES = (
    "jump", "scan", "weight heavy", "weight -1", "weight nan", "key FROBNICATE", "open moon", "wait forever", "wait ²",
    "quick open pick", "quick", "pin",
)  # fmt: skip


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_named_before_anything_is_done(shell: Shell, tmp_path: Path, line: str) -> None:
    (tmp_path / "script.txt").write_text(f"badge BADGE-MARA\n\n{line}\n", encoding="utf-8")
    before = contents(shell.home)

    said = shell("replay", "--script", tmp_path / "script.txt", "--json")

    assert said.code == 2
    assert said.err.startswith("dockside: script.txt, line 3: ")
    assert contents(shell.home) == before


@pytest.mark.parametrize("name", ["none.txt", "."])
def test_a_script_that_is_none_is_told(shell: Shell, tmp_path: Path, name: str) -> None:
    said = shell("replay", "--script", tmp_path / name)

    assert said.code == 2
    assert "cannot be read" in said.err


def test_nobody_opens_a_bench_without_a_badge(shell: Shell, tmp_path: Path) -> None:
    assert follow(shell, tmp_path, "open pick")[-1]["flow"] == "sign_in"


def test_a_script_reads_a_file_in_and_sees_its_report(shell: Shell, tmp_path: Path) -> None:
    orders = tmp_path / "new.csv"
    orders.write_text("channel,order,line,sku,quantity,ordered_at\nshop,A-1,1,MUG-350-BLUE,1,2025-12-16\n")
    lead = ("badge BADGE-DANA", "pin 2580")

    told = follow(
        shell, tmp_path, *lead, "open import", f"type {orders}", "key QTY-4", "key QTY-1", "wait import", "open import"
    )

    assert [each["state"] for each in told[3:6]] == ["ChooseFile", "ChooseKind", "ChooseMapping"]
    assert told[-1]["state"] == "ShowReport"
    reading = told[-1]["facts"]["reading"]
    assert (reading["imported"], reading["rejected"], reading["running"]) == (1, 0, False)


def test_a_script_reads_nothing_in_for_somebody_who_may_not(shell: Shell, tmp_path: Path) -> None:
    told = follow(shell, tmp_path, "badge BADGE-MARA", "open import")

    assert (told[-1]["outcome"], told[-1]["reason"], told[-1]["flow"]) == ("refused", "not_allowed", "home")


def test_quick_lines_are_queued_and_answered_with_the_next(shell: Shell, tmp_path: Path) -> None:
    told = follow(shell, tmp_path, "badge BADGE-MARA", "quick scan SOAP-OLIV", "quick scan MUG-350-RED", "scan A-01-01")

    assert [each["outcome"] for each in told[2:4]] == ["queued", "queued"]
    assert [each["event"] for each in told[4]["answered"]] == ["SOAP-OLIV", "MUG-350-RED"]
    assert {each["outcome"] for each in told[4]["answered"]} <= {"accepted", "refused"}


def test_quick_lines_at_the_end_are_answered_too(shell: Shell, tmp_path: Path) -> None:
    told = follow(shell, tmp_path, "badge BADGE-MARA", "quick scan SOAP-OLIV")

    assert told[-1]["event"] == "end"
    assert [each["event"] for each in told[-1]["answered"]] == ["SOAP-OLIV"]


def test_a_program_can_play_the_operator_through_a_pipe(shell: Shell) -> None:
    process = started(("replay", "--json"), shell.home, stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    for line in ("badge BADGE-MARA", "open pick"):
        print(line, file=process.stdin, flush=True)
        told = json.loads(process.stdout.readline())
    states = []
    while told["state"] != "PutInTote":
        wanted = next(each for each in told["expects"] if each["meaning"] == "next")
        print(f"scan {wanted['code']}", file=process.stdin, flush=True)
        told = json.loads(process.stdout.readline())
        states.append(told["state"])
    process.stdin.write("jump\n")
    out, err = process.communicate()

    assert states == ["GoToLocation", "TakeItem", "PutInTote"]
    assert process.returncode == 2
    assert "line 6: 'jump'" in err
    assert "error" in json.loads(out)


def test_whoever_stops_reading_stops_the_replay_without_a_word(shell: Shell) -> None:
    process = started(("replay", "--play", "--json"), shell.home)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    _, err = process.communicate(timeout=120)

    assert err == ""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes as Linux shows them")
def test_the_virtual_printer_ends_with_its_station_however_that_ends(shell: Shell) -> None:
    process = started(("replay", "--json"), shell.home, stdin=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()

    process.kill()
    process.communicate()

    assert len(children) == 1
    for _ in range(200):
        state = Path(f"/proc/{children[0]}/stat")
        if not state.exists() or state.read_text(encoding="ascii").split()[2] == "Z":
            return
        Event().wait(0.05)
    raise AssertionError("the printer was left behind")


@pytest.fixture(scope="module")
def shift(played_shift: Played) -> dict[str, Any]:
    """Return the summary of a shift of the sample."""
    return played_shift.told[-1]


def test_a_shift_ends_at_the_van(shift: dict[str, Any]) -> None:
    assert (shift["open_promised"], shift["unloaded_parcels"], shift["open_manifests"]) == (0, 0, 0)
    assert shift["shipped"] + shift["short"] + shift["cancelled"] == shift["units"]
    assert shift["parcels"] == shift["loaded"] > 0


def test_a_shift_has_its_mistakes(shift: dict[str, Any]) -> None:
    for kind, count in MISTAKES.items():
        assert shift["mistakes"][kind] * 1000 >= count * shift["puts"], kind
    assert sum(shift["refusals"].values()) > 0


MOST = {
    "cluster_line": 3, "single_unit_order": 2, "packed_order_beyond_its_units": 3, "short": 2, "damaged": 3, "sign_in": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", MOST)
def test_the_gesture_table_holds(shift: dict[str, Any], name: str) -> None:
    row = shift["gesture_table"][name]

    assert row["times"] > 0
    assert row["most"] <= MOST[name]


def test_every_field_of_the_summary_is_on_the_page(shift: dict[str, Any]) -> None:
    assert {name for name in (*shift, *shift["gesture_table"]) if f"`{name}`" not in PAGE} == set()


def test_going_on_after_a_stop_takes_no_gesture(shell: Shell, tmp_path: Path) -> None:
    follow(shell, tmp_path, "badge BADGE-MARA", "open pick", "scan CART-01")

    said = shell("replay", "--play", "--mistakes", "0", "--json")

    told = objects(said)
    assert (told[0]["flow"], told[0]["state"]) == ("pick", "GoToLocation")
    assert told[-1]["gesture_table"]["resume"] == {"times": 1, "gestures": 0, "mean": 0.0, "most": 0}
    assert said.code == 0
