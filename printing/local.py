"""Printers that hang on this computer: USB printers by what they say of themselves (IEEE 1284), and Windows' print queues.

They are suggestions as those that announce themselves on the network are. What a serial port leads to nobody can know.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from printing.discovery import FoundPrinter, languages_in
from printing.drivers.windows import WinSpool

_CLASS = Path("/sys/class/usbmisc")
_DEVICES = Path("/dev/usb")


def windows_queues() -> Iterable[str]:
    """Return the print queues of a Windows computer; none of any other."""
    return WinSpool().queues() if sys.platform == "win32" else ()


def local_printers(
    known: Path = _CLASS, devices: Path = _DEVICES, queues: Callable[[], Iterable[str]] = windows_queues
) -> Iterator[FoundPrinter]:
    """Yield the printers that this computer knows by itself.

    Args:
        known: where the kernel says what USB printers say of themselves.
        devices: where their files are.
        queues: names print queues.
    """
    for device in sorted(devices.glob("lp*")):
        said = _identity(known / device.name / "device" / "ieee1284_id")
        model = " ".join(
            filter(None, (said.get("MFG", said.get("MANUFACTURER", "")), said.get("MDL", said.get("MODEL", ""))))
        )
        spoken = languages_in(said.get("CMD", said.get("COMMAND SET", "")))
        yield FoundPrinter(name=model or device.name, address=f"usb:{device}", model=model, languages=spoken, place="")
    for queue in queues():
        yield FoundPrinter(name=queue, address=f"windows:{queue}", model="", languages=(), place="")


def _identity(file: Path) -> dict[str, str]:
    """Return a device id's pairs (IEEE 1284-2000, 7.6: `MFG:Zebra;MDL:ZD421;CMD:ZPL;`); nothing where there is none."""
    try:
        said = file.read_text("latin-1")
    except OSError:
        return {}
    pairs = (each.partition(":") for each in said.split(";"))
    return {name.strip().upper(): value.strip() for name, colon, value in pairs if colon}
