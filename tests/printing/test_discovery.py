"""A printer that announces itself is a suggestion: what it says of itself, and nothing assigned by that."""

import socket
import threading

import pytest
import zeroconf

from printing.discovery import SERVICES, FoundPrinter, PrinterDiscovery, found_printer


def test_a_printer_that_announces_itself_is_found_and_gone_when_it_ends() -> None:
    there, gone = threading.Event(), threading.Event()

    def heard(printers: tuple[FoundPrinter, ...]) -> None:
        mine = [each.address for each in printers if each.name == "Dockside test"]
        (there if mine == ["tcp:127.0.0.1:9107"] else gone).set()

    kind = "_pdl-datastream._tcp.local."
    link = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    try:
        with PrinterDiscovery(heard, ["127.0.0.1"]):
            link.register_service(
                zeroconf.ServiceInfo(
                    kind, f"Dockside test.{kind}", port=9107, addresses=[socket.inet_aton("127.0.0.1")],
                    properties={"ty": "ZD421"}, server="dockside-test.local.",
                )
            )  # fmt: skip
            assert there.wait(20)
            gone.clear()
            link.unregister_all_services()
            assert gone.wait(20)
    finally:
        link.close()


@pytest.mark.parametrize("kind", SERVICES.values())
def test_each_kind_of_announcement_becomes_an_address_or_only_a_name(kind: str) -> None:
    address = {"tcp": "tcp:10.0.0.7:515", "ipp": "ipp://10.0.0.7:515/queue", "lpd": ""}[kind]

    assert found_printer(kind, "Label", "10.0.0.7", 515, {b"rp": b"queue"}).address == address


def test_what_a_printer_says_of_itself_is_read_as_far_as_it_makes_sense() -> None:
    said = {
        b"usb_MFG": b"Zebra",
        b"usb_MDL": b"ZD421",
        b"pdl": b"application/vnd.zebra-zpl,application/pdf",
        b"note": b"Dock 3",
        b"\xff": None,
    }

    found = found_printer("tcp", "Label", "10.0.0.7", 9100, said)

    assert found == FoundPrinter(
        name="Label", address="tcp:10.0.0.7:9100", model="Zebra ZD421", languages=("zpl", "pdf"), place="Dock 3"
    )
    assert found_printer("ipp", "Plain", "10.0.0.8", 631, {}).address == "ipp://10.0.0.8:631/ipp/print"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the library leaves that socket behind
def test_where_it_cannot_listen_there_is_nothing_to_hear() -> None:
    with PrinterDiscovery(lambda _: None, ["192.0.2.77"]):
        pass
