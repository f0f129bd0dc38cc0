"""Printers on their wires: clones are told once and remembered, ports are held, a slow one is no failure."""

import os
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printing.drivers import escpos_status
from printing.drivers.addresses import link_at, printer_at
from printing.drivers.dialects import DIALECTS
from printing.drivers.links import SerialLink, TcpLink, UsbLink
from printing.drivers.protocols import AddressFault, Fate, PrinterState, SendFault, Trouble
from printing.drivers.wire import TRIES, WirePrinter

READY = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
HQES = (
    b"\x02\r\n\r\n  PRINTER STATUS                            \r\n   ERRORS:         0 00000000 00000000      \r\n"
    b"   WARNINGS:       0 00000000 00000000      \r\n\x03"
)


@contextmanager
def listening(answer: Callable[[bytes], bytes]) -> Iterator[tuple[TcpLink, list[bytes]]]:
    """A port that answers each piece it hears; also everything it heard."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link:
                while piece := link.recv(65_536):
                    heard.append(piece)
                    if said := answer(piece):
                        link.sendall(said)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield TcpLink("127.0.0.1", server.getsockname()[1]), heard
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def healthy(said: bytes) -> bytes:
    return READY if said == b"~HS" else HQES if said == b"~HQES" else b""


CLONES = {"silent": lambda said: b"", "echoing": lambda said: said, "junk": lambda said: b"\xff?\x00OK"}


@pytest.mark.parametrize("clone", CLONES)
def test_lprint_161_a_clone_without_status_is_probed_once_and_marked_one_way(clone: str) -> None:
    learnt: list[bool] = []
    with listening(CLONES[clone]) as (link, heard):
        printer = WirePrinter(link, learnt=learnt.append, answer_seconds=0.05)
        said = [printer.status() for _ in range(12)]
        assert PrinterState.READY not in {each.state for each in said}
        assert said[-1].troubles == (Trouble.ONE_WAY,)
        assert (heard, learnt) == ([b"~HS"] * TRIES, [False]), "asked a few times, and never again"
        assert said[-1].may_be_sent_to

        printer.send(b"^XA^XZ", lambda _: None)

        assert printer.labels_printed() is None
        assert heard[TRIES:] == [b"^XA^XZ"]


def test_a_printer_that_answers_is_told_once_and_its_silence_is_a_trouble_from_then_on() -> None:
    learnt: list[bool] = []
    mute: list[bool] = []
    with listening(lambda said: b"" if mute else healthy(said)) as (link, _):
        printer = WirePrinter(link, learnt=learnt.append, answer_seconds=0.05)
        assert [printer.status().state for _ in range(2)] == [PrinterState.READY] * 2
        mute.append(True)
        said = [printer.status() for _ in range(40)]
    assert {each.troubles for each in said} == {(Trouble.SILENT,)}
    assert not any(each.may_be_sent_to for each in said)
    assert learnt == [True]


def test_qz_784_a_status_that_is_not_supported_is_unknown_and_never_ready() -> None:
    with listening(lambda said: READY if said == b"~HS" else b"") as (link, _):
        answered = WirePrinter(link, answers=True, answer_seconds=0.05)
        assert answered.status().state is PrinterState.READY, "one that knows the first question says enough"
    for asked in ("dpl", "sbpl", "escpos", "epl2", "tspl"):
        with listening(lambda said: b"?\r\n") as (link, _):
            printer = WirePrinter(link, DIALECTS[asked], answers=True, answer_seconds=0.05)
            assert printer.status().state is PrinterState.UNKNOWN, asked


def test_a_printer_whose_first_port_is_taken_is_asked_at_its_second() -> None:
    status = READY.replace(b"\x02", b"").replace(b"\x03", b"").decode().strip()
    with listening(lambda said: b'{"device.host_status":"%s"}' % status.replace("\r\n", "\\r\\n").encode()) as (
        beside,
        heard,
    ):
        printer = WirePrinter(TcpLink("127.0.0.1", _closed_port()), answers=True, beside=beside)
        assert printer.status().state is PrinterState.READY
        assert heard == [b'{}{"device.host_status": null}']


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def pseudo_terminal() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(slave)
        os.close(master)


def _answer_once(master: int) -> threading.Thread:
    def serve() -> None:
        os.write(master, healthy(os.read(master, 64)))
        os.write(master, healthy(os.read(master, 64)))

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize("kind", ["usb", "serial"])
def test_a_printer_at_a_file_or_serial_port_is_asked_and_sent_to(kind: str) -> None:
    with pseudo_terminal() as (master, name):
        link = UsbLink(name) if kind == "usb" else SerialLink(name, 115_200, "none")
        printer = WirePrinter(link, answers=True, answer_seconds=2)
        answering = _answer_once(master)
        assert printer.status().state is PrinterState.READY
        answering.join()
        left: list[int] = []
        printer.send(b"^XA^FDx^FS^XZ", left.append)
        assert os.read(master, 64) == b"^XA^FDx^FS^XZ"
        assert left == [13]


def test_a_usb_printer_that_another_program_holds_gets_no_byte() -> None:
    with pseudo_terminal() as (_, name):
        with UsbLink(name).open(), pytest.raises(SendFault, match="used by another program") as caught:
            WirePrinter(UsbLink(name), None).send(b"^XA^XZ", lambda _: None)
        assert caught.value.clean


def test_a_port_that_is_gone_is_a_clean_failure(tmp_path: Path) -> None:
    for link in (UsbLink(str(tmp_path / "lp0")), SerialLink(str(tmp_path / "ttyUSB0"))):
        with pytest.raises(SendFault) as caught:
            WirePrinter(link, None).send(b"^XA^XZ", lambda _: None)
        assert caught.value.clean
        assert WirePrinter(link, answers=True).status().troubles == (Trouble.UNREACHABLE,)


def test_inventree_8740_a_megabyte_over_a_slow_link_shows_progress_and_is_no_failure() -> None:
    """The link is as slow as a megabyte at 10 kB/s is to a patience of 30 s, all a thousand times faster."""
    megabyte = b"^XA" + b"0" * 1_000_000 + b"^XZ"
    got = bytearray()
    server = socket.create_server(("127.0.0.1", 0))
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def drain() -> None:
        link, _ = server.accept()
        with link:
            while piece := link.recv(8192):
                got.extend(piece)
                threading.Event().wait(0.002)

    thread = threading.Thread(target=drain)
    thread.start()
    left: list[int] = []
    try:
        printer = WirePrinter(TcpLink("127.0.0.1", server.getsockname()[1]), None, send_seconds=1.0, linger_seconds=5)
        assert printer.send(megabyte, left.append).bytes_sent == len(megabyte)
    finally:
        server.close()
        thread.join()
    assert bytes(got) == megabyte
    assert left == sorted(left)
    assert len(left) > 100


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("tcp:10.0.0.7:9100", TcpLink("10.0.0.7", 9100)), ("tcp:printer.example", TcpLink("printer.example", 9100)),
        ("usb:/dev/usb/lp0", UsbLink("/dev/usb/lp0")), ("serial:/dev/ttyUSB0", SerialLink("/dev/ttyUSB0", 9600, "dtr")),
        ("serial:COM3?baud=115200&flow=xon", SerialLink("COM3", 115_200, "xon")),
    ],
)  # fmt: skip
def test_an_address_is_a_wire(address: str, link: object) -> None:
    assert link_at(address) == link
    assert link_at(link_at(address).address) == link


@pytest.mark.parametrize(
    "address", ["", "10.0.0.7", "tcp:", "tcp:host:0", "tcp:host:port", "usb:lp0", "serial:", "serial:/dev/x?baud=fast", "serial:/dev/x?flow=odd"]
)  # fmt: skip
def test_an_address_that_names_no_printer_is_refused_with_itself(address: str) -> None:
    with pytest.raises(AddressFault, match="names no printer|is no number|flow is one of"):
        printer_at(address, asked="zpl")


def word(said: bytes) -> bytes:
    """Answer as a receipt printer that knows `GS ( H`: what is behind the last mark is not printed yet."""
    at = said.rfind(b"\x1d(H\x06\x00\x30\x30")
    return b"" if at < 0 else b"\x37\x22" + said[at + 7 : at + 11] + b"\x00"


def receipts(link: TcpLink) -> WirePrinter:
    return WirePrinter(
        link, DIALECTS["escpos"], answers=True, answer_seconds=0.05, done_seconds=0.05, linger_seconds=0.05
    )


def test_a_receipt_printer_that_sends_the_mark_behind_a_job_back_has_printed_it() -> None:
    noise = b"\x14\x00\x00\x0f"
    with listening(lambda said: noise + word(said) + noise if word(said) else b"") as (link, heard):
        printer = receipts(link)
        tickets = [printer.send(b"\x1b@%d" % n, lambda _: None).ticket for n in range(2)]
    assert tickets == ["0002", "0003"], "the first one asked whether it does"
    assert [printer.fate(each) for each in tickets] == [Fate.SAID] * 2
    assert b"".join(heard).endswith(b"\x1b@1\x1d(H\x06\x00\x30\x300003"), (
        "the mark is behind the job, which it says something of"
    )


@pytest.mark.parametrize("clone", CLONES)
def test_a_receipt_printer_that_knows_no_mark_is_tried_once_and_its_jobs_are_nobodys_to_vouch_for(clone: str) -> None:
    with listening(CLONES[clone]) as (link, heard):
        printer = receipts(link)
        tickets = [printer.send(b"\x1b@%d" % n, lambda _: None).ticket for n in range(3)]
    assert tickets == ["", "", ""]
    assert [printer.fate(each) for each in tickets] == [None] * 3
    assert b"".join(heard).count(b"\x1d(H") == 1


def test_a_receipt_printer_whose_paper_runs_out_within_a_job_says_nothing_and_the_job_is_in_doubt() -> None:
    with listening(lambda said: word(said) if said.startswith(b"\x1d(H") and not out else b"") as (link, _):
        out: list[bool] = []
        printer = receipts(link)
        assert printer.send(b"\x1b@1", lambda _: None).ticket
        out.append(True)
        assert printer.send(b"\x1b@2", lambda _: None).ticket == ""
        other = WirePrinter(link, DIALECTS["zpl"], answers=True)
        assert other.send(b"^XA^XZ", lambda _: None).ticket == "", "a language without marks has none"


def test_the_word_for_another_mark_is_none_for_this_job() -> None:
    assert escpos_status.has_come_out(b"\x12\x37\x220007\x00\x12", "0007")
    assert not escpos_status.has_come_out(b"\x37\x220006\x00", "0007")
    assert not escpos_status.has_come_out(b"\x37\x220007", "0007")
