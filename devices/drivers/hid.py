"""HID devices by hidapi: scanners in HID-POS mode, scales.

hidapi is loaded when a device of this kind is wanted, and where it is not installed there are none. What is sent is a
feature report, its id first. The one thing a newcomer would get wrong: a scale sends faster than anybody looks, so of
what waits only the newest report counts.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devices.transport import Gone, Port

SCANNERS, SCALES = 0x8C, 0x8D
"""Usage pages (S11, S77)."""
_LONGEST = 64
_READ_MS = 50


def _hidapi() -> Any:
    try:
        return importlib.import_module("hid")
    except ImportError:
        return None


class HidTransport:
    """One open device."""

    def __init__(self, device: Any, *, newest: bool) -> None:
        """Take an open `hid.device`; `newest` drops reports that are overtaken."""
        self._device, self._newest = device, newest

    def read(self) -> bytes:
        """Return one report with its id, or nothing after a moment."""
        try:
            report = self._device.read(_LONGEST, _READ_MS)
            while self._newest and report and (newer := self._device.read(_LONGEST, 0)):
                report = newer
        except (OSError, ValueError) as e:
            raise Gone from e
        return bytes(report)

    def write(self, data: bytes) -> None:
        """Send a feature report."""
        try:
            sent: int = self._device.send_feature_report(data)
        except (OSError, ValueError) as e:
            raise Gone from e
        if sent < 0:
            raise Gone

    def close(self) -> None:
        """Let the device go."""
        self._device.close()


@dataclass(frozen=True, slots=True)
class HidBus:
    """The HID devices of one usage page."""

    page: int
    library: Callable[[], Any] = _hidapi

    def ports(self) -> tuple[Port, ...]:
        """Return what is plugged in now."""
        hid = self.library()
        return tuple(
            Port(
                path=each["path"].decode("utf-8", "surrogateescape"),
                vid=each["vendor_id"],
                pid=each["product_id"],
                serial=each["serial_number"] or "",
                name=each["product_string"] or "",
            )
            for each in (hid.enumerate() if hid else ())
            if each["usage_page"] == self.page
        )

    def open(self, port: Port) -> HidTransport:
        """Open a device."""
        hid = self.library()
        if hid is None:
            raise Gone
        device = hid.device()
        try:
            device.open_path(port.path.encode("utf-8", "surrogateescape"))
        except OSError as e:
            raise Gone from e
        return HidTransport(device, newest=self.page == SCALES)
