"""The virtual printer as the device it is: a process of its own, spoken to over TCP by our driver."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from printing.drivers.alerts import Alert, listening, wish
from printing.drivers.links import TcpLink
from printing.drivers.protocols import PrinterState, SendFault, Trouble
from printing.drivers.wire import WirePrinter
from printing.media import Language
from printing.render import render
from tests.printing.samples import HOUSE, QUARANTINE, SLIP, media_of

ROOT = Path(__file__).parents[2]
LABEL = render(HOUSE, media=media_of(HOUSE, 203, Language.ZPL)).data
OTHER = render(replace(QUARANTINE, code="Q-417"), media=media_of(QUARANTINE, 203, Language.ZPL)).data
SHEET = render(SLIP, media=media_of(SLIP, 203, Language.PDF)).data


@dataclass
class Device:
    """A running virtual printer."""

    directory: Path
    process: "subprocess.Popen[str]"
    port: int
    control_port: int
    status_port: int

    @property
    def driver(self) -> WirePrinter:
        return WirePrinter(TcpLink("127.0.0.1", self.port), answers=True, linger_seconds=5, answer_seconds=5)

    def script(self, sentence: str) -> str:
        with socket.create_connection(("127.0.0.1", self.control_port), 5) as link:
            link.sendall(sentence.encode() + b"\n")
            return link.makefile().readline().strip()

    def send(self, job: bytes) -> list[int]:
        left: list[int] = []
        self.driver.send(job, left.append)
        return left

    def printed(self) -> list[dict[str, Any]]:
        journal = self.directory / "printed.jsonl"
        return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)


def start(directory: Path) -> Device:
    process = subprocess.Popen(
        [sys.executable, "-m", "printing.virtual", "--simulate", "--dir", str(directory)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    ports = json.loads(process.stdout.readline())
    return Device(directory, process, ports["printer"], ports["control"], ports["status"])


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    running = start(tmp_path)
    yield running
    running.stop()


def test_it_does_not_start_without_saying_that_it_simulates(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "printing.virtual", "--dir", str(tmp_path / "prints")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 2
    assert "only runs with --simulate" in refused.stderr
    assert not (tmp_path / "prints").exists()


def test_a_label_is_kept_byte_for_byte_with_its_job_and_its_code(device: Device) -> None:
    assert device.send(LABEL) == [len(LABEL)]
    [line] = device.printed()
    assert (device.directory / line["file"]).read_bytes() == LABEL.strip()
    assert (line["n"], line["job"], line["codes"], line["copies"]) == (1, "018f3ab0", ["00006141410000000012"], 1)
    assert (device.directory / "000001.png").read_bytes().startswith(b"\x89PNG")


def test_labels_are_numbered_in_the_order_they_came_and_counted(device: Device) -> None:
    before = device.driver.labels_printed()
    device.send(LABEL + OTHER)
    device.send(LABEL)
    assert [line["codes"] for line in device.printed()] == [
        ["00006141410000000012"],
        ["Q-417"],
        ["00006141410000000012"],
    ]
    assert (before, device.driver.labels_printed()) == (0, 3)


def test_a_document_is_a_job_up_to_the_end_of_its_connection(device: Device) -> None:
    device.send(SHEET)
    [line] = device.printed()
    assert (device.directory / line["file"]).read_bytes() == SHEET


def test_half_a_document_is_not_printed(device: Device) -> None:
    device.send(SHEET[: len(SHEET) // 2])
    device.send(LABEL)
    assert [line["file"] for line in device.printed()] == ["000001.zpl"]


@pytest.mark.parametrize("after", [1, 40, len(LABEL) - 3])
def test_power_cut_within_a_job_leaves_no_label_and_is_no_clean_failure(device: Device, after: int) -> None:
    assert device.script(f"cut after {after}") == "ok"
    with pytest.raises(SendFault) as caught:
        device.send(LABEL)
    assert not caught.value.clean
    assert caught.value.bytes_left_us > 0
    assert device.printed() == []
    device.send(OTHER)
    assert [line["codes"] for line in device.printed()] == [["Q-417"]]


def test_what_was_printed_before_the_cut_stays_printed(device: Device) -> None:
    device.script(f"cut after {len(LABEL) + 20}")
    with pytest.raises(SendFault):
        device.send(LABEL + OTHER)
    assert [line["codes"] for line in device.printed()] == [["00006141410000000012"]]


@pytest.mark.parametrize(
    ("bad", "trouble", "good"),
    [
        ("paper out", Trouble.PAPER_OUT, "paper in"),
        ("head open", Trouble.HEAD_OPEN, "head closed"),
        ("ribbon out", Trouble.RIBBON_OUT, "ribbon in"),
        ("pause", Trouble.PAUSED, "resume"),
    ],
)
def test_trouble_holds_the_printer_and_what_it_took_is_printed_afterwards(
    device: Device, bad: str, trouble: Trouble, good: str
) -> None:
    assert device.driver.status().state is PrinterState.READY
    device.script(bad)
    status = device.driver.status()
    assert (status.state, status.troubles) == (PrinterState.HELD, (trouble,))
    device.send(LABEL)
    assert device.printed() == []
    assert device.driver.status().waiting_formats == 1
    device.script(good)
    assert [line["n"] for line in device.printed()] == [1]
    assert device.driver.status().state is PrinterState.READY


def test_a_mute_printer_is_unknown_and_not_asked_each_time(device: Device) -> None:
    device.script("mute")
    driver = WirePrinter(TcpLink("127.0.0.1", device.port), answers=True, answer_seconds=0.2)
    assert driver.status().troubles == (Trouble.SILENT,)
    device.script("speak")
    assert driver.status().troubles == (Trouble.SILENT,)
    assert driver.status().state is PrinterState.READY
    assert driver.labels_printed() == 0


def test_nothing_behind_the_port_is_a_clean_failure_and_an_unknown_state(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    driver = WirePrinter(TcpLink("127.0.0.1", port))
    left: list[int] = []
    with pytest.raises(SendFault) as caught:
        driver.send(LABEL, left.append)
    assert (caught.value.clean, left) == (True, [])
    assert driver.status().troubles == (Trouble.UNREACHABLE,)
    assert driver.labels_printed() is None


def test_prints_outlive_the_process_and_numbers_go_on(tmp_path: Path) -> None:
    first = start(tmp_path)
    first.send(LABEL)
    first.process.kill()
    first.process.communicate(timeout=20)
    with (tmp_path / "printed.jsonl").open("a") as journal:
        journal.write('{"n": 2, "cop')
    second = start(tmp_path)
    try:
        second.send(OTHER)
        assert [(line["n"], line["codes"]) for line in second.printed()] == [
            (1, ["00006141410000000012"]),
            (2, ["Q-417"]),
        ]
        assert second.driver.labels_printed() == 2
    finally:
        second.stop()


def test_a_sentence_it_does_not_know_changes_nothing(device: Device) -> None:
    assert device.script("explode") == "what?"
    assert device.driver.status().state is PrinterState.READY


def test_a_label_that_the_end_of_the_roll_interrupts_is_spoilt_and_printed_once_more_by_the_printer(
    device: Device,
) -> None:
    device.script("paper out within")
    device.send(LABEL)
    [spoilt] = device.printed()
    assert (spoilt["spoilt"], spoilt["copies"], device.driver.labels_printed()) == (True, 0, 0)
    assert device.driver.status().troubles == (Trouble.PAPER_OUT,)

    device.script("paper in")

    assert [(line["job"], line["spoilt"]) for line in device.printed()] == [("018f3ab0", True), ("018f3ab0", False)]
    assert device.driver.labels_printed() == 1


def test_a_label_that_must_not_be_repeated_is_lost_by_it(device: Device) -> None:
    device.script("head open within")
    device.send(LABEL.replace(b"^XA", b"^XA^JZN", 1))
    device.script("head closed")
    assert [line["spoilt"] for line in device.printed()] == [True]
    assert device.driver.status().waiting_formats == 0


@pytest.mark.parametrize("clone", ["silent", "echo", "junk"])
def test_a_clone_is_found_out_and_still_prints(device: Device, clone: str) -> None:
    device.script(clone)
    learnt: list[bool] = []
    driver = WirePrinter(TcpLink("127.0.0.1", device.port), learnt=learnt.append, answer_seconds=0.1, linger_seconds=2)
    said = [driver.status() for _ in range(8)]
    assert (said[-1].troubles, learnt) == ((Trouble.ONE_WAY,), [False])
    driver.send(LABEL, lambda _: None)
    assert [line["job"] for line in device.printed()] == ["018f3ab0"]


def test_while_its_port_is_taken_it_answers_at_the_other(device: Device) -> None:
    device.script("one at a time")
    driver = WirePrinter(
        TcpLink("127.0.0.1", device.port), answers=True, beside=TcpLink("127.0.0.1", device.status_port), answer_seconds=0.2
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", device.port), 5) as busy:
        busy.sendall(b"^XA")
        assert driver.status().state is PrinterState.READY
        device.script("paper out")
        assert driver.status().troubles == (Trouble.PAPER_OUT,)


def test_it_says_by_itself_that_a_job_is_done_to_whoever_asked_for_it(device: Device) -> None:
    heard: list[tuple[str, Alert]] = []
    there = threading.Event()

    def hear(host: str, alert: Alert) -> None:
        heard.append((host, alert))
        there.set()

    with listening(0, hear) as port:
        device.send(wish("127.0.0.1", port))
        device.send(LABEL)
        assert there.wait(20)
    assert heard == [("127.0.0.1", Alert("PQ JOB COMPLETED", serial="VIRTUAL-0001"))]
    assert heard[0][1].job_done


def test_half_open_it_takes_everything_and_does_nothing(device: Device) -> None:
    device.script("half open")
    driver = WirePrinter(TcpLink("127.0.0.1", device.port), answers=True, answer_seconds=0.2, linger_seconds=0.2)
    assert driver.status().troubles == (Trouble.SILENT,)
    driver.send(LABEL, lambda _: None)
    assert device.printed() == []
    assert device.script("whole") == "ok"
    assert device.driver.status().state is PrinterState.READY


def test_another_roll_is_known_once_it_is_calibrated(device: Device) -> None:
    device.script("roll 50")
    before = device.driver.status().label_dots
    device.send(b"~JC")
    assert (before, device.driver.status().label_dots) == (round(152 * 203 / 25.4), round(50 * 203 / 25.4))


def test_the_script_may_be_json_and_says_how_it_is(device: Device) -> None:
    device.send(LABEL)
    assert json.loads(device.script('{"do": "pause"}')) == {"ok": True}
    assert json.loads(device.script('{"do": "explode"}')) == {"ok": False}
    assert json.loads(device.script("{nonsense")) == {"ok": False}
    said = json.loads(device.script('{"do": "state"}'))
    assert (said["troubles"], said["labels"], said["spoilt"], said["waiting"]) == (["pause"], 1, 0, 0)
