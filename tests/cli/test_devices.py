"""`dockside devices`: set up, carried to another PC, learnt, tried, recorded and replayed, at a real pseudo-terminal."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.calibration import SHEET
from tests.cli.commands import Shell
from tests.desktop.rig import Plug

_SETTLED_S = 0.05
"""Whoever opens a port throws away what waited there."""


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    made = Plug(tmp_path, "device-1")
    yield made
    made.unplug()


@contextmanager
def sending(plug: Plug, frames: Sequence[bytes], every_s: float = 0.03) -> Iterator[None]:
    """Let a device say something, piece by piece, once somebody has opened it."""
    over = threading.Event()

    def send() -> None:
        while not plug.opened:
            if over.wait(0.01):
                return
        over.wait(_SETTLED_S)
        for frame in frames:
            if over.wait(every_s):
                return
            plug.send(frame)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def lines(out: str) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in out.splitlines()]


def test_a_device_is_set_up_told_and_forgotten(shell: Shell, plug: Plug) -> None:
    added = shell("devices", "add", "device-1", "--protocol", "ssi", "--port", plug.path, "--sink", "ssi", "--json")
    assert (added.code, added.data["transport"], added.data["match"]["path"]) == (0, "serial", plug.path)

    (told,) = shell("devices", "list", "--json").data["devices"]
    assert (told["id"], told["protocol"], told["trouble"], told["separators"]) == ("device-1", "ssi", "", False)
    plug.unplug()
    assert shell("devices", "list", "--json").data["devices"][0]["trouble"] == "absent"
    assert shell("devices", "remove", "device-1").code == 0
    assert shell("devices", "list", "--json").data["devices"] == []
    gone = shell("devices", "remove", "device-1")
    assert (gone.code, "device-1 is not set up here" in gone.err) == (2, True)


@pytest.mark.parametrize(("words", "why"), [
    (("--protocol", "morse", "--port", "/dev/null"), "'morse' is none of"),
    (("--protocol", "text"), "--port is missing"),
    (("--protocol", "sics", "--port", "/dev/null", "--bits", "9"), "settings.bits"),
    (("--protocol", "ssi", "--port", "/dev/null", "--sink", "honeywell"), "settings.sink: ssi is told by ssi or none"),
    (("--protocol", "sics", "--port", "/dev/null", "--sink", "bel"), "settings.sink: sics is told by none"),
    (("--protocol", "keys", "--port", "/dev/null", "--sink", "bel"), "settings.sink: keys is told by none"),
])  # fmt: skip
def test_what_does_not_fit_is_said_and_nothing_is_kept(shell: Shell, words: tuple[str, ...], why: str) -> None:
    said = shell("devices", "add", "device-1", *words)

    assert (said.code, why in said.err) == (2, True), said
    assert shell("devices", "list", "--json").data["devices"] == []


def test_devices_travel_as_json_all_or_none(shell: Shell, plug: Plug, tmp_path: Path) -> None:
    file = tmp_path / "devices.json"
    for name, protocol in (("scale-1", "toledo_8217"), ("scanner-1", "text")):
        assert shell("devices", "add", name, "--protocol", protocol, "--port", plug.path).code == 0
    assert shell("devices", "export", file, "--json").data["devices"] == ["scale-1", "scanner-1"]
    for name in ("scale-1", "scanner-1"):
        shell("devices", "remove", name)
    assert shell("devices", "import", file, "--json").data == {"devices": ["scale-1", "scanner-1"]}
    assert [each["id"] for each in shell("devices", "list", "--json").data["devices"]] == ["scale-1", "scanner-1"]

    told = json.loads(file.read_text(encoding="utf-8"))
    told["devices"][0]["id"] = "scale-2"
    told["devices"][1]["settings"]["buad"] = 9600
    file.write_text(json.dumps(told), encoding="utf-8")
    wrong = shell("devices", "import", file)
    assert wrong.code == 2
    assert "devices[1]: settings.buad: not known" in wrong.err
    assert [each["id"] for each in shell("devices", "list", "--json").data["devices"]] == ["scale-1", "scanner-1"]
    file.write_text("{", encoding="utf-8")
    assert "no JSON" in shell("devices", "import", file).err


def test_what_it_locked_is_not_changed_at_the_station(shell: Shell, plug: Plug, tmp_path: Path) -> None:
    file = tmp_path / "devices.json"
    shell("devices", "add", "scale-1", "--protocol", "sics", "--port", plug.path)
    shell("devices", "export", file)
    told = json.loads(file.read_text(encoding="utf-8"))
    told["devices"][0]["locked"] = True
    file.write_text(json.dumps(told), encoding="utf-8")
    assert shell("devices", "import", file).code == 0

    for words in (
        ("remove", "scale-1"),
        ("add", "scale-1", "--protocol", "adam", "--port", plug.path),
        ("import", file),
    ):
        said = shell("devices", *words)
        assert (said.code, "scale-1 is locked by IT's policy" in said.err) == (2, True), said


def test_a_scale_is_tried_and_says_why_a_weight_could_not_be_taken(shell: Shell, plug: Plug) -> None:
    shell("devices", "add", "device-1", "--protocol", "stream", "--port", plug.path)
    with sending(plug, [b"ST,GS,   1.235kg\r\n" * 2, b"US,GS,   1.240kg\r\n"] * 20):
        said = shell("devices", "test", "device-1", "--seconds", "1.5", "--json")

    told = lines(said.out)
    weights = {(each["state"], each["grams"], each["why_not"]) for each in told if each.get("kind") == "weight"}
    assert (said.code, told[0]["trouble"]) == (0, "")
    assert weights == {
        ("stable", "1235.000", "said_once"),
        ("stable", "1235.000", ""),
        ("moving", "1240.000", "moving"),
    }
    plug.unplug()
    away = shell("devices", "test", "device-1", "--seconds", "0.2")
    assert (away.code, "device-1 did not answer" in away.err) == (1, True)


def test_a_scanner_is_learnt_from_the_sheet(shell: Shell, plug: Plug) -> None:
    shell("devices", "add", "device-1", "--protocol", "text", "--port", plug.path)
    with sending(plug, [*(code.encode("latin-1") + b"\t" for code in SHEET), b"x\t"], every_s=0.04):
        said = shell("devices", "calibrate", "device-1", "--seconds", "15", "--json")

    assert said.data == {
        "device": "device-1",
        "separators": True,
        "unclear": "",
        "aim": False,
        "prefix": "",
        "begins": False,
        "ending": "tab",
    }
    assert shell("devices", "list", "--json").data["devices"][0]["separators"]
    nothing = shell("devices", "calibrate", "device-1", "--seconds", "0.3", "--json")
    assert (nothing.code, "0 of 8 codes came" in nothing.err) == (1, True)


def test_what_was_recorded_says_the_same_again(shell: Shell, plug: Plug, tmp_path: Path) -> None:
    file = tmp_path / "scanner.jsonl"
    shell("devices", "add", "device-1", "--protocol", "text", "--port", plug.path)
    with sending(plug, [b"A-01", b"-04\r\n", b"]E04006381333931\r"], every_s=0.05):
        recorded = shell("devices", "record", "device-1", file, "--seconds", "0.8", "--json")

    told = shell("devices", "replay", file, "device-1", "--json").data["outcomes"]
    assert recorded.data["records"] >= 2
    assert [each["code"] for each in told] == ["A-01-04", "]E04006381333931"]
    file.write_text('{"at": 5, "in": "41"}\n{"at": 4, "in": "42"}\n', encoding="utf-8")
    wrong = shell("devices", "replay", file, "device-1")
    assert (wrong.code, "line 2: time goes back to 4" in wrong.err) == (2, True)
    file.write_text('{"at": 5, "in": "zz"}\n', encoding="utf-8")
    assert "line 1" in shell("devices", "replay", file, "device-1").err
