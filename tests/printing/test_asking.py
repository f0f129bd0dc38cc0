"""A printer that nobody described is asked what it is, in one language after the other; and those that hang here are named."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printing.asking import asked
from printing.discovery import FoundPrinter
from printing.drivers.addresses import printer_at, whole_address
from printing.drivers.host_status import QUERY as HOST_STATUS
from printing.drivers.links import Taken
from printing.drivers.protocols import PrinterState, Trouble
from printing.drivers.tspl_status import QUERY as TSPL_STATUS
from printing.drivers.variables import IDENTITY
from printing.drivers.wire import WirePrinter
from printing.local import local_printers
from printing.media import Language, size_of

READY = b"\x02030,0,0,1215,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"


@contextmanager
def answering(answers: dict[bytes, bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """A printer that knows some questions and is silent to all others; yield its address and what it was asked."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def talk(link: socket.socket) -> None:
            with link:
                while data := link.recv(4096):
                    heard.append(data)
                    link.sendall(answers.get(data, b""))

        def serve() -> None:
            while True:
                try:
                    link, _ = door.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(link,), daemon=True).start()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"tcp:127.0.0.1:{door.getsockname()[1]}", heard
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(("dots", "dpi", "trouble"), [(8, 203, None), (12, 300, None), (6, 152, Trouble.OTHER_HEAD)])
def test_a_zebra_says_who_it_is_and_a_head_that_no_label_is_made_for_is_a_trouble(
    dots: int, dpi: int, trouble: Trouble | None
) -> None:
    said = f"\x02ZD421,V84,{dots},8192KB,X\x03\r\n".encode()
    with answering({HOST_STATUS: READY, IDENTITY: said}) as (address, _):
        found = asked(address)
    assert (found.language, found.model, found.firmware, found.dpi) == (Language.ZPL, "ZD421", "V84", dpi)
    assert (found.trouble, found.status.label_dots, found.answers) == (trouble, 1215, True)


def test_a_printer_of_another_language_is_asked_on_until_it_answers() -> None:
    with answering({TSPL_STATUS: b"\x04"}) as (address, heard):
        found = asked(address)
    assert (found.language, found.status.troubles, found.trouble, found.dpi) == (
        Language.TSPL, (Trouble.PAPER_OUT,), None, 0,
    )  # fmt: skip
    assert heard == [HOST_STATUS, TSPL_STATUS]


def test_one_that_announces_its_language_is_asked_in_that_alone_and_a_clone_is_left_alone_after_three_silences() -> (
    None
):
    with answering({}) as (address, heard):
        found = asked(address, ("zpl",))
    assert (found.language, found.answers, found.trouble) == (Language.ZPL, False, None)
    assert heard == [HOST_STATUS] * 3


def test_one_that_only_takes_documents_is_asked_nothing_it_would_print() -> None:
    with answering({}) as (address, heard):
        found = asked(address, ("pdf",))
    assert (found.language, heard) == (Language.PDF, [])


def test_nobody_is_asked_any_more_once_nobody_wants_to_know() -> None:
    with answering({}) as (address, heard):
        found = asked(address, over=lambda: True)
    assert (found.answers, heard) == (False, [])


def test_nobody_answers_at_a_closed_port() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert asked(f"tcp:127.0.0.1:{nobody.getsockname()[1]}").trouble is Trouble.UNREACHABLE


class Held:
    """A port that another program has open."""

    address = "usb:/dev/usb/lp0"

    def open(self, *, to_ask: bool = False) -> object:
        raise Taken("held")


def test_a_port_that_another_program_has_open_is_no_printer_that_is_away() -> None:
    status = WirePrinter(Held()).status()
    assert (status.state, status.troubles) == (PrinterState.UNKNOWN, (Trouble.IN_USE,))


@pytest.mark.parametrize(("said", "address"), [
    ("10.0.0.7", "tcp:10.0.0.7:9100"), (" 10.0.0.7:9101 ", "tcp:10.0.0.7:9101"), ("label.example", "tcp:label.example:9100"),
    ("/dev/usb/lp0", "usb:/dev/usb/lp0"), ("/dev/ttyS9", "serial:/dev/ttyS9?baud=9600&flow=dtr"),
    ("tcp:dock", "tcp:dock:9100"), ("ipp://h:631/ipp/print", "ipp://h:631/ipp/print"),
])  # fmt: skip
def test_an_address_may_be_said_shortly(said: str, address: str) -> None:
    assert printer_at(whole_address(said), asked="").address == address


@pytest.mark.parametrize("said", ["MUG-350-BLUE", "9501101530003", "A-01-01", "]C0MUG", "fax:1"])
def test_what_is_no_address_is_not_taken_for_a_host(said: str) -> None:
    assert whole_address(said) == said


def test_sizes_are_read_as_people_write_them() -> None:
    assert [size_of(each) for each in ("100x150", "4x6in", "A5")] == [(100.0, 150.0), (101.6, 152.4), (148.0, 210.0)]


def test_usb_printers_are_named_by_what_they_say_of_themselves_and_queues_by_their_names(tmp_path: Path) -> None:
    known, devices = tmp_path / "class", tmp_path / "usb"
    (known / "lp0" / "device").mkdir(parents=True)
    (known / "lp0" / "device" / "ieee1284_id").write_text("MFG:Zebra;MDL:ZD421;CMD:ZPL,EPL;CLS:PRINTER;\n", "latin-1")
    devices.mkdir()
    for name in ("lp0", "lp1"):
        (devices / name).touch()

    found = list(local_printers(known, devices, lambda: ("ZDesigner",)))

    assert found == [
        FoundPrinter(
            name="Zebra ZD421", address=f"usb:{devices}/lp0", model="Zebra ZD421", languages=("zpl", "epl2"), place=""
        ),
        FoundPrinter(name="lp1", address=f"usb:{devices}/lp1", model="", languages=(), place=""),
        FoundPrinter(name="ZDesigner", address="windows:ZDesigner", model="", languages=(), place=""),
    ]
