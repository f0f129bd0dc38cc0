"""Scanning, row by row of devices.md 7.1: the peer's bug, and what happens here instead."""

import csv
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from pytestqt.qtbot import QtBot

import resources
from core.kernel.reasons import Reason
from core.rights.model import StationKind
from core.station.replay import Line
from core.station.station import BACKLOG_MAX
from desktop.gear import KEYBOARD
from desktop.headless import headless
from desktop.line import connected
from desktop.membership import Membership
from desktop.wedge import WedgeFilter
from devices.assembling import talk_of
from devices.calibration import SHEET, Calibration
from devices.framing.text import Ending
from devices.profile import Profile
from devices.scan import Scan
from tests.acceptance import xkeys
from tests.desktop.rig import Plug, Rig, trusted
from tests.devices.test_keys import strokes
from tests.homes import copy_home

EVERY_S = 1 / 100
"""Five times as fast as the row of 7.1 asks, where the machine is; `make bench` plays its 20 a second."""
SCANS = 200
HUB_S = 0.5
GTIN = "09501101003019"


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    made = Plug(tmp_path, "scanner-1")
    yield made
    made.unplug()


@pytest.fixture
def rig(qtbot: QtBot, sample_home: Path, tmp_path: Path, plug: Plug) -> Iterator[Callable[[Profile], Rig]]:
    made: list[Rig] = []

    def make(profile: Profile) -> Rig:
        made.append(Rig(qtbot, copy_home(sample_home, tmp_path / "home"), [profile]))
        made[0].scan("BADGE-MARA")
        made[0].heard.clear()
        return made[0]

    yield make
    for each in made:
        each.close()


class SlowHub(BaseHTTPRequestHandler):
    """A hub that takes half a second for every answer, and then has its hands full."""

    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        type(self).asked += 1
        time.sleep(HUB_S)  # noqa: TID251  it is what the hub takes
        self.send_response(503)
        self.end_headers()

    do_GET = do_POST  # noqa: N815  the name is the library's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's
        """Say nothing."""


@pytest.fixture
def slow_hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowHub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def no_more_wait_than_a_person_leaves(it: Rig, sent: int) -> bool:
    return sent - len(it.given) < BACKLOG_MAX // 2


def test_200_scans_at_100_a_second_with_a_hub_that_takes_500_ms_are_accepted_in_order(
    rig: Callable[[Profile], Rig], plug: Plug, slow_hub: str
) -> None:
    it = rig(trusted(plug.scanner()))
    codes = [("MUG-350-BLUE", "MUG-350-RED")[n % 2] for n in range(SCANS)]
    member = Membership(slow_hub, "Bench 1", StationKind.BENCH)
    SlowHub.asked = 0
    with connected(it.assembly, member, lambda _: None):
        it.until(lambda: SlowHub.asked > 0)
        begun = time.perf_counter()
        for n, code in enumerate(codes, 1):
            plug.send(code.encode() + b"\r")
            it.qtbot.wait(max(1, round((begun + n * EVERY_S - time.perf_counter()) * 1000)))
            # A slow machine's station has more waiting than a person leaves it: what is beyond that it says it dropped.
            # What it has not heard of yet, on its way through the port, is among it.
            it.until(partial(no_more_wait_than_a_person_leaves, it, n))
        it.until(lambda: len(it.given) == SCANS)

    assert it.given == [(code, "scanner-1", "accepted") for code in codes]


def test_a_scan_while_a_code_is_typed_goes_past_the_field(rig: Callable[[Profile], Rig], plug: Plug) -> None:
    it = rig(trusted(plug.scanner()))
    typed: list[str] = []
    it.shell.typed.connect(typed.append)
    it.press("FIND")
    assert it.shell.entry.asked is not None
    it.qtbot.keyClicks(it.shell, "12")
    it.heard.clear()

    plug.send(b"MUG-350-BLUE\r")
    it.until(lambda: it.given == [("MUG-350-BLUE", "scanner-1", "accepted")])
    it.press("FIND")
    wedge = WedgeFilter(lambda: 0, it.plugged.gear.keyed)  # as quick as a scanner, on however slow a machine
    for char in "MUG-350-RED":
        wedge.eventFilter(it.shell, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, char))
    wedge.eventFilter(
        it.shell, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r")
    )
    it.until(lambda: it.given[-1] == ("MUG-350-RED", KEYBOARD, "accepted"))
    wedge.release()

    assert typed == []


@pytest.mark.parametrize(("end", "ending"), [
    (b"\r", Ending.CR), (b"\n", Ending.LF), (b"\r\n", Ending.CRLF), (b"\t", Ending.TAB), (b"", Ending.SILENCE),
    (b"\r\r", Ending.CR), (b"\n\n", Ending.LF), (b"\r\n\r\n", Ending.CRLF), (b"\t\t", Ending.TAB),
    (b"\r\n", Ending.ANY), (b"\r\r", Ending.ANY), (b"\t\t", Ending.ANY),
])  # fmt: skip
def test_every_terminator_ends_one_scan_also_doubled(plug: Plug, end: bytes, ending: Ending) -> None:
    profile = plug.scanner()
    talk = talk_of(
        Profile(
            **{name: getattr(profile, name) for name in profile.__slots__} | {"calibration": Calibration(ending=ending)}
        )
    )
    at, found = 1_000, []
    for code in (b"A-01-04", b"A-01-05"):
        for byte in code + end:
            found += talk.feed(bytes((byte,)), at).out
            at += 1
        for _ in range(2):
            at += 200
            found += talk.tick(at).out

    assert [each.code for each in found if isinstance(each, Scan)] == ["A-01-04", "A-01-05"]
    assert all(isinstance(each, Scan) for each in found)


def test_another_barcode_of_the_same_item_counts_on_the_same_line(sample_home: Path, tmp_path: Path) -> None:
    with headless(copy_home(sample_home, tmp_path / "home"), printer=False) as (_, replay):
        told = replay.start()
        for badge, flow, end in (("BADGE-MARA", "pick", ""), ("BADGE-AYLIN", "pack", "VerifyUnit")):
            if told["flow"] != "sign_in":
                replay.perform(Line(0, "key", "LOGOUT"))
            replay.perform(Line(0, "badge", badge))
            told = replay.perform(Line(0, "open", flow))
            tote = 0
            for _step in range(1_500):
                if end and told["state"] == end and _first_line(told)["to_pack"] >= 2:
                    break
                wanted = next((each for each in told["expects"] if each["meaning"] in ("next", "close")), None)
                if wanted is None or told["state"] == "NoWork":
                    break
                code = wanted["code"]
                if wanted["kind"] == "tote" and not code:
                    tote += 1
                    code = f"TOTE-{tote:04d}"
                told = replay.perform(Line(0, "key" if wanted["kind"] == "key" else "scan", code))
        line = _first_line(told)
        before = line["packed"]
        for code in (line["sku"], _barcode(line["sku"])):
            told = replay.perform(Line(0, "scan", code))
            assert told["outcome"] == "accepted", told

    after = next(each for each in told["facts"]["view"]["lines"] if each["sku"] == line["sku"])
    assert after["packed"] == before + 2


def _barcode(sku: str) -> str:
    """Return the barcode that the sample's item has beside its SKU."""
    with (Path(resources.__path__[0]) / "sample" / "items.csv").open(encoding="utf-8") as file:
        return next(each["barcode"] for each in csv.DictReader(file) if each["sku"] == sku)


def _first_line(told: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in told["facts"]["view"]["lines"] if each["packed"] < each["to_pack"])


def test_two_scans_10_ms_apart_are_two(rig: Callable[[Profile], Rig], plug: Plug) -> None:
    it = rig(trusted(plug.scanner()))
    plug.send(b"MUG-350-BLUE\r")
    time.sleep(0.01)  # noqa: TID251  so far apart they come
    plug.send(b"MUG-350-RED\r")
    it.until(lambda: len(it.given) == 2)

    assert [each[0] for each in it.given] == ["MUG-350-BLUE", "MUG-350-RED"]


@pytest.mark.parametrize("code", [
    f"]E0{GTIN[1:]}", f"]C101{GTIN}10ABC\x1d17271231", f"]d201{GTIN}10ABC\x1d17271231", f"]Q301{GTIN}", f"]e001{GTIN}",
    f"]Q1https://example.com/01/{GTIN}/10/ABC", f"]d1https://example.com/01/{GTIN}", f"https://example.com/01/{GTIN}",
    f"]Q1HTTPS://example.com/01/{GTIN}",
])  # fmt: skip
def test_an_item_is_found_by_every_symbol_with_and_without_its_id(headless_parse, code: str) -> None:
    assert headless_parse(code, trusted=True) == [("item", None)]


def test_a_code_that_may_have_lost_its_separator_is_refused_from_a_scanner_that_was_not_learnt(headless_parse) -> None:
    code = f"01{GTIN}10ABC17261231"

    assert headless_parse(code, trusted=False) == [("", Reason.LOST_SEPARATORS)]
    assert headless_parse(code, trusted=True) == [("item", None)]
    assert headless_parse(f"01{GTIN}10ABC\x1d17261231", trusted=False) == [("item", None)]


@pytest.fixture(scope="module")
def headless_parse(sample_home: Path, tmp_path_factory: pytest.TempPathFactory):
    """Return what a code names at the sample, and why it was refused."""
    from core.kernel.ids import CommandId
    from core.kernel.journal import GestureInput
    from core.station.resolve import read_input
    from desktop.assembly import assembled

    home = copy_home(sample_home, tmp_path_factory.mktemp("parse") / "home")
    with assembled(home) as assembly, assembly.database.reading() as reader:

        def parse(code: str, *, trusted: bool) -> list[tuple[str, Reason | None]]:
            found = read_input(
                reader, assembly.identity.site, code, event=CommandId(bytes(16)), at=0, today=(2025, 12, 16),
                kind=GestureInput.SCAN, trusted=trusted,
            )  # fmt: skip
            kinds: list[tuple[str, Reason | None]] = [(str(each.kind), None) for each in found.candidates]
            return kinds or [("", found.rejected)]

        yield parse


HOLDER = (
    "import serial, sys; port = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); sys.stdin.read()"
)


def test_a_port_that_another_program_holds_is_named_with_that_program(
    qtbot: QtBot, sample_home: Path, tmp_path: Path, plug: Plug
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, plug.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    it = Rig(qtbot, copy_home(sample_home, tmp_path / "home"), [plug.scanner()])
    name = Path(f"/proc/{holder.pid}/comm").read_text(encoding="utf-8").strip()
    try:
        assert it.chips() == [f"scanner-1 is used by {name}: close that"]
        holder.stdin.close()
        holder.wait(10)
        it.until(lambda: it.chips() == [])
    finally:
        holder.stdout.close()
        it.close()


@pytest.mark.skipif(bool(xkeys.missing()), reason=f"not installed: {xkeys.missing()}")
def test_a_scanner_on_another_keyboard_layout_brings_the_right_data_after_the_sheet() -> None:
    """Layouts of France, Germany, Belgium and Britain at a real X server, read by Qt's own plug-in for it; and separators that are keys."""
    codes = (
        "A-01-04",
        "BADGE-MARA",
        "WMS-QTY-12-Z",
        "(01)09506000134352",
        f"https://example.com/01/{GTIN}",
        f"01{GTIN}10ABC\x1d17261231",
    )
    came: dict[str, list[str]] = {}
    with xkeys.server() as display:
        window = xkeys.Window(display)
        for layout, separator in (("fr", ""), ("de", ""), ("be", ""), ("gb", ""), ("us", "down"), ("us", "f8")):
            name = f"{layout} {separator}".strip()
            window.learn(layout)
            told = [window.scan(_pressed(code, separator)) for code in SHEET]
            assert told[-1] == {"saved": True, "separators": True}, (name, told)
            scans = [window.scan(_pressed(code, separator)) for code in codes]
            came[name] = [each["code"] for each in scans if each["trusted"]]
        window.close()

    assert came == dict.fromkeys(("fr", "de", "be", "gb", "us down", "us f8"), list(codes))


def _pressed(code: str, separator: str) -> list[tuple[int, int]]:
    """Return the keys of a code, its separator as a key that writes nothing where one is named."""
    key = {"down": 108, "f8": 66}.get(separator)
    if key is None:
        return strokes(code)
    before, gs, after = code.partition("\x1d")
    return strokes(before) + ([(key, 1), (key, 0)] if gs else []) + strokes(after)
