"""A printer by its address, as a printer's row writes it.

tcp:10.0.0.7:9100            a port that takes whatever comes; asked beside a job at 9200
usb:/dev/usb/lp0             a USB printer's file
serial:/dev/ttyUSB0?baud=9600&flow=dtr
windows:ZDesigner ZD421      a Windows print queue
ipp://host:631/ipp/print     a print server, or a printer that is one
"""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

from printing.drivers.dialects import DIALECTS
from printing.drivers.ipp import ipp_printer
from printing.drivers.links import STATUS_PORT, TCP_PORT, Link, SerialLink, TcpLink, UsbLink
from printing.drivers.protocols import AddressFault, Printer
from printing.drivers.windows import WindowsPrinter, WinSpool
from printing.drivers.wire import WirePrinter

KINDS = ("tcp", "usb", "serial", "windows", "ipp", "ipps")
_DEVICES = "/dev/"
_USB = "/dev/usb/"
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?")
_FLOWS = ("dtr", "xon", "none")


def whole_address(said: str) -> str:
    """Return an address as a printer's row writes it, of one that somebody said shortly: a host with a dot, a device's file."""
    said = said.strip()
    if said.startswith("/"):
        return f"usb:{said}" if said.startswith(_USB) else f"serial:{said}"
    return f"tcp:{said}" if _HOST.fullmatch(said) else said


def printer_at(
    address: str, *, asked: str, one_way: bool = False, answers: bool = False,
    learnt: Callable[[bool], None] = lambda _: None,
) -> Printer:  # fmt: skip
    """Return the driver of a printer.

    Args:
        address: where it is.
        asked: the dialect it is asked in; one there is no question for is never asked.
        one_way: whether it is known not to answer.
        answers: whether it is known to answer.
        learnt: hears once whether it answers, when that was not known.

    Raises:
        AddressFault: the address names no printer.
    """
    kind, _, rest = address.partition(":")
    if kind in ("ipp", "ipps"):
        return ipp_printer(address)
    if kind == "windows" and rest:
        try:
            return WindowsPrinter(rest, WinSpool())
        except OSError as e:
            raise AddressFault(f"{address}: {e}") from e
    link = link_at(address)
    beside = TcpLink(link.host, STATUS_PORT) if isinstance(link, TcpLink) and link.port == TCP_PORT else None
    dialect = None if one_way else DIALECTS.get(asked)
    return WirePrinter(link, dialect, answers=answers, learnt=learnt, beside=beside)


def link_at(address: str) -> Link:
    """Return the wire of a printer that has one.

    Raises:
        AddressFault: the address names none.
    """
    kind, _, rest = address.partition(":")
    match kind:
        case "tcp" if rest:
            host, colon, port = rest.rpartition(":")
            if not (host if colon else rest).strip():
                raise AddressFault(f"{address!r} names no host, as in tcp:10.0.0.7:9100")
            return TcpLink(host, _number(address, port, 65_535)) if colon else TcpLink(rest)
        case "usb" if rest.startswith("/"):
            return UsbLink(_device(address, rest))
        case "serial" if rest:
            path, _, more = rest.partition("?")
            path = _device(address, path) if path.startswith("/") else path
            said = {name: values[-1] for name, values in parse_qs(more).items()}
            flow = said.get("flow", "dtr")
            if flow not in _FLOWS:
                raise AddressFault(f"{address}: flow is one of {', '.join(_FLOWS)}")
            return SerialLink(path, _number(address, said.get("baud", "9600"), 921_600), flow)
        case _:
            raise AddressFault(
                f"{address!r} names no printer; an address begins with one of {', '.join(KINDS)} and a colon"
            )


def _device(address: str, path: str) -> str:
    """Let a path pass that is a device, or could be one that is not plugged in now: bytes go into nothing else."""
    if not os.path.normpath(path).startswith(_DEVICES):
        raise AddressFault(f"{address}: {path} is no device, those are in {_DEVICES}")
    if Path(path).exists() and not stat.S_ISCHR(Path(path).stat().st_mode):
        raise AddressFault(f"{address}: {path} is no device that takes bytes as they come")
    return path


def _number(address: str, text: str, most: int) -> int:
    if not text.isdecimal() or not 0 < int(text) <= most:
        raise AddressFault(f"{address}: {text!r} is no number from 1 to {most}")
    return int(text)
