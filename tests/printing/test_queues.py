"""Print queues: IPP servers and Windows spoolers. A job that left a queue has not been printed by that."""

import http.server
import itertools
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.drivers.addresses import printer_at
from printing.drivers.ipp import IppPrinter
from printing.drivers.protocols import AddressFault, Fate, PrinterState, SendFault, Trouble
from printing.drivers.windows import RAW, XPS_PASS, WindowsPrinter, WinSpool
from printing.media import Language
from printing.render import render
from tests.printing.samples import FILL_SLIP, SLIP, media_of

PDF = render(SLIP, media=media_of(SLIP, 203, Language.PDF)).data
LARGE = b"%PDF-" + b"0" * 100_000


# Windows


@dataclass
class FakeSpool:
    """A Windows spooler by its interface."""

    version: int = 3
    bits: int = 0
    jobs: dict[int, int | None] = field(default_factory=dict)
    documents: list[tuple[str, bytes]] = field(default_factory=list)
    takes: int | None = None
    """Bytes after which it takes no more."""
    gone: bool = False

    def driver_version(self, queue: str) -> int:
        if self.gone:
            raise OSError(1801, "The printer name is invalid")
        return self.version

    def begin(self, queue: str, datatype: str) -> tuple[Any, int]:
        self.documents.append((datatype, b""))
        return queue, len(self.documents)

    def write(self, handle: Any, data: bytes) -> int:
        datatype, so_far = self.documents[-1]
        took = data if self.takes is None else data[: max(0, self.takes - len(so_far))]
        self.documents[-1] = (datatype, so_far + took)
        return len(took)

    def end(self, handle: Any) -> None:
        pass

    def printer_bits(self, queue: str) -> int:
        if self.gone:
            raise OSError(1801, "The printer name is invalid")
        return self.bits

    def job_bits(self, queue: str, number: int) -> int | None:
        return self.jobs.get(number)


@pytest.mark.parametrize(("version", "datatype"), [(3, RAW), (4, XPS_PASS)])
def test_bytes_go_past_a_windows_driver_in_the_way_its_kind_takes_them(version: int, datatype: str) -> None:
    spool = FakeSpool(version=version)
    left: list[int] = []

    sent = WindowsPrinter("ZDesigner", spool).send(LARGE, left.append)

    assert spool.documents == [(datatype, LARGE)]
    assert (sent.ticket, left[-1], left == sorted(left)) == ("1", len(LARGE), True)


def test_a_windows_queue_that_is_gone_is_a_clean_failure_and_one_that_stops_is_not() -> None:
    gone = WindowsPrinter("ZDesigner", FakeSpool(gone=True))
    with pytest.raises(SendFault) as caught:
        gone.send(LARGE, lambda _: None)
    assert caught.value.clean
    assert gone.status().troubles == (Trouble.UNREACHABLE,)

    with pytest.raises(SendFault) as caught:
        WindowsPrinter("ZDesigner", FakeSpool(takes=50_000)).send(LARGE, lambda _: None)
    assert (caught.value.clean, caught.value.bytes_left_us) == (False, 50_000)


def test_odoo_gone_is_success_a_job_dropped_by_the_spooler_is_not_printed() -> None:
    spool = FakeSpool(jobs={1: 0x10})
    printer = WindowsPrinter("ZDesigner", spool)
    assert printer.fate("1") is Fate.UNDER_WAY
    spool.jobs[1] = None
    assert printer.fate("1") is Fate.GONE
    spool.jobs[1] = 0x1080
    assert printer.fate("1") is Fate.PRINTED


def test_a_windows_queue_is_refused_where_there_is_no_windows() -> None:
    with pytest.raises(OSError, match="needs Windows"):
        WinSpool()
    with pytest.raises(AddressFault, match="needs Windows"):
        printer_at("windows:ZDesigner", asked="zpl")


# IPP, with recorded answers


def attribute(tag: int, name: str, *values: bytes) -> bytes:
    out = b""
    for n, value in enumerate(values):
        title = name.encode() if n == 0 else b""
        out += struct.pack(">bh", tag, len(title)) + title + struct.pack(">h", len(value)) + value
    return out


def answer(status: int, group: int, attributes: bytes) -> bytes:
    head = b"\x02\x00" + struct.pack(">hi", status, 1) + b"\x01"
    head += attribute(0x47, "attributes-charset", b"utf-8") + attribute(0x48, "attributes-natural-language", b"en")
    return head + bytes([group]) + attributes + b"\x03"


def printer_answer(state: int, *reasons: str, accepting: bool = True) -> bytes:
    said = attribute(0x23, "printer-state", struct.pack(">i", state))
    said += attribute(0x44, "printer-state-reasons", *(each.encode() for each in reasons))
    return answer(0, 0x04, said + attribute(0x22, "printer-is-accepting-jobs", bytes([accepting])))


def job_answer(state: int, reason: str = "none", status: int = 0) -> bytes:
    said = attribute(0x21, "job-id", struct.pack(">i", 7)) + attribute(0x23, "job-state", struct.pack(">i", state))
    return answer(status, 0x02, said + attribute(0x44, "job-state-reasons", reason.encode()))


@contextmanager
def server(*answers: bytes) -> Iterator[tuple[IppPrinter, list[bytes]]]:
    """A print server that gives these answers, the last one again and again."""
    heard: list[bytes] = []
    left = list(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            said = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield IppPrinter(f"ipp://127.0.0.1:{running.server_port}/ipp/print"), heard
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def test_a_print_server_says_how_its_printer_is() -> None:
    answers = (
        printer_answer(3, "none"), printer_answer(5, "media-empty-error", "cover-open"), printer_answer(3, "none", accepting=False),
        b"<html>no</html>",
    )  # fmt: skip
    with server(*answers) as (printer, _):
        assert printer.status().state is PrinterState.READY
        assert printer.status().troubles == (Trouble.PAPER_OUT, Trouble.COVER_OPEN)
        assert not printer.status().may_be_sent_to
        assert printer.status().state is PrinterState.UNKNOWN


def test_a_server_that_takes_no_jobs_is_held() -> None:
    with server(printer_answer(3, "none", accepting=False)) as (printer, _):
        status = printer.status()
        assert (status.troubles, status.may_be_sent_to) == ((Trouble.PAUSED,), False)


def test_a_document_goes_as_one_job_whose_fate_is_asked_by_its_number() -> None:
    with server(job_answer(3), job_answer(5), job_answer(9, "job-completed-successfully"), job_answer(9, "queued-in-device")) as (
        printer, heard,
    ):  # fmt: skip
        left: list[int] = []
        sent = printer.send(PDF, left.append)
        assert (sent.ticket, sent.bytes_sent, left[-1]) == ("7", len(PDF), len(PDF))
        assert heard[0].endswith(PDF)
        assert b"application/pdf" in heard[0]
        assert [printer.fate("7") for _ in range(3)] == [Fate.UNDER_WAY, Fate.PRINTED, Fate.GONE]
        assert b"job-id" in heard[1]


def test_a_job_that_the_server_refuses_is_a_clean_failure_whatever_it_had_read() -> None:
    with server(answer(0x0507, 0x02, b"")) as (printer, _), pytest.raises(SendFault, match="0x0507") as caught:
        printer.send(PDF, lambda _: None)
    assert caught.value.clean


def test_a_server_that_breaks_off_leaves_the_document_in_doubt_and_none_at_all_is_clean() -> None:
    with server(b"") as (printer, _), pytest.raises(SendFault) as caught:
        printer.send(PDF, lambda _: None)
    assert not caught.value.clean
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = IppPrinter(f"ipp://127.0.0.1:{port}/ipp/print")
    with pytest.raises(SendFault) as caught:
        nobody.send(PDF, lambda _: None)
    assert caught.value.clean
    assert nobody.status().troubles == (Trouble.UNREACHABLE,)
    assert nobody.fate("7") is Fate.UNDER_WAY


def test_a_job_that_is_over_is_let_go_of_by_a_server_that_can_and_one_that_will_not_is_asked_once() -> None:
    done, refused = answer(0, 0x02, b""), answer(0x0404, 0x02, b"")
    with server(job_answer(5), job_answer(9), done) as (printer, heard):
        assert not printer.forget("7"), "it is printing"
        assert printer.forget("7")
        assert [each[2:4] for each in heard] == [b"\0\x09", b"\0\x09", b"\0\x08"], "asked, asked, ended"
        assert b"\x22\0\x09purge-job\0\x01\x01\x03" in heard[-1]
        assert printer.forget(""), "nobody knows its number"
    with server(job_answer(9), refused) as (printer, _):
        assert printer.forget("7")
    assert not printer.forget("7"), "nobody is there"


@pytest.mark.parametrize("busy", [answer(0x0507, 0x02, b""), b"<html>503</html>"])
def test_a_server_that_was_only_busy_keeps_the_job_that_still_prints(busy: bytes) -> None:
    gone, done = answer(0x0406, 0x02, b""), answer(0, 0x02, b"")
    with server(busy, job_answer(5), job_answer(9), busy, job_answer(9), done, gone) as (printer, heard):
        said = [printer.forget("7") for _ in range(4)]
        assert said == [False, False, False, True], "busy, printing, busy when it was to end it, ended"
        assert [each[2:4] == b"\0\x08" for each in heard] == [False, False, False, True, False, True]
        assert printer.forget("7"), "it knows no such job any more"
        assert heard[-1][2:4] == b"\0\x09", "what it does not know is not ended"
    with server(busy, gone) as (printer, _):
        assert [printer.fate("7") for _ in range(2)] == [Fate.UNDER_WAY, Fate.GONE]


def test_an_answer_with_another_kind_of_value_than_it_should_have_never_raises() -> None:
    twice = attribute(0x23, "job-state", struct.pack(">i", 9), struct.pack(">i", 9))
    word = attribute(0x44, "printer-state", b"idle")
    several = attribute(0x21, "job-id", struct.pack(">i", 7), struct.pack(">i", 8))
    with server(answer(0, 0x02, twice)) as (printer, heard):
        assert printer.fate("7") is Fate.GONE
        assert printer.forget("7")
        assert len(heard) == 2, "what is not known to be over is not ended"
    with server(answer(0, 0x04, word)) as (printer, _):
        assert printer.status().troubles == (Trouble.UNREADABLE,)
    with server(answer(0, 0x02, several)) as (printer, _):
        assert printer.send(PDF, lambda _: None).ticket == ""


@given(st.integers(0, 200), st.binary(max_size=8))
def test_an_answer_cut_or_with_noise_in_it_never_raises(at: int, noise: bytes) -> None:
    from printing.drivers.ipp import _first, _parsed

    whole = printer_answer(5, "media-empty-error")
    _first(_parsed(whole[:at]), "printers")
    _first(_parsed(whole[:at] + noise + whole[at:]), "printers")


# A real one

_SERVER = next(
    (each for each in (shutil.which("ippeveprinter"), "/usr/sbin/ippeveprinter") if each and Path(each).exists()), None
)
_BUS = shutil.which("dbus-daemon")
_WITHOUT = (
    "" if _SERVER and _BUS else "no ippeveprinter or dbus-daemon here: documents were shown to no real print server"
)
_BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>"""
"""The server looks for a system bus before it looks for anything else; one of its own will do."""


@pytest.fixture
def real_server(tmp_path: Path) -> Iterator[tuple[IppPrinter, Path]]:
    assert _SERVER
    assert _BUS
    bus, config = tmp_path / "bus", tmp_path / "bus.conf"
    config.write_text(_BUS_CONFIG.format(path=bus))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    spool = tmp_path / "spool"
    spool.mkdir()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    bus_daemon = subprocess.Popen([_BUS, f"--config-file={config}", "--nofork", "--nopidfile"], **quiet)  # type: ignore[call-overload]
    words = [
        "-r",
        "off",
        "-k",
        "-d",
        str(spool),
        "-p",
        str(port),
        "-c",
        "/bin/true",
        "-f",
        "application/pdf",
        "Dockside",
    ]
    printer = None
    try:
        _wait(bus.exists)
        printer = subprocess.Popen(
            [_SERVER, *words], env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"}, **quiet
        )  # type: ignore[call-overload]
        driver = IppPrinter(f"ipp://localhost:{port}/ipp/print")
        _wait(lambda: driver.status().state is PrinterState.READY)
        yield driver, spool
    finally:
        for process in filter(None, (printer, bus_daemon)):
            process.terminate()
            process.wait(20)


def _wait(true: Any) -> None:
    for _ in itertools.takewhile(lambda _: not true(), range(400)):
        time.sleep(0.05)
    assert true()


@pytest.mark.skipif(bool(_WITHOUT), reason=_WITHOUT)
def test_a_real_print_server_takes_our_documents_and_says_that_they_were_printed(
    real_server: tuple[IppPrinter, Path],
) -> None:
    printer, spool = real_server
    for content in (SLIP, FILL_SLIP):
        document = render(content, media=media_of(content, 300, Language.PDF)).data
        ticket = printer.send(document, lambda _: None).ticket
        _wait(lambda ticket=ticket: printer.fate(ticket) is Fate.PRINTED)
        kept = [each.read_bytes() for each in spool.rglob("*.pdf")]
        assert document in kept
        assert printer.forget(ticket), "it has no word for that, and says so"


@pytest.mark.skipif(bool(_WITHOUT), reason=_WITHOUT)
def test_a_real_print_server_refuses_what_is_no_document_and_that_is_clean(
    real_server: tuple[IppPrinter, Path],
) -> None:
    printer, _ = real_server
    with pytest.raises(SendFault, match="refused") as caught:
        printer.send(b"^XA^XZ", lambda _: None)
    assert caught.value.clean
