"""A Windows print queue: bytes go through the spooler as they are, and the queue says what its driver tells it.

The spooler itself is behind a small interface, so that everything but `WinSpool` is tested without Windows. The one thing
a newcomer would get wrong: a driver of the newer kind (v4, XPS) does not take `RAW`; its bytes go as `XPS_PASS`.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from printing.drivers.protocols import (
    NOTHING_SAID,
    Fate,
    Loaded,
    PrinterStatus,
    Progress,
    SendFault,
    Sent,
    Trouble,
    unknown,
)
from printing.drivers.queue_status import windows_fate, windows_status

RAW, XPS_PASS = "RAW", "XPS_PASS"
V4 = 4
_PIECE = 16_384


class Spool(Protocol):
    """The calls of the Windows spooler that are needed; each raises an `OSError` where Windows refuses."""

    def driver_version(self, queue: str) -> int:
        """Return `DRIVER_INFO.cVersion`: 3, or 4 for the newer kind."""

    def begin(self, queue: str, datatype: str) -> tuple[Any, int]:
        """Open a queue and begin a job; return what to write to, and the job's number."""

    def write(self, handle: Any, data: bytes) -> int:
        """Hand bytes over and return how many were taken."""

    def end(self, handle: Any) -> None:
        """End the job and close the queue."""

    def printer_bits(self, queue: str) -> int:
        """Return `PRINTER_INFO_2.Status`."""

    def job_bits(self, queue: str, number: int) -> int | None:
        """Return `JOB_INFO_1.Status`, or None for a job that is not in the queue any more."""


@dataclass(frozen=True, slots=True)
class WindowsPrinter:
    """One queue by its name."""

    queue: str
    spool: Spool

    @property
    def address(self) -> str:
        """Return the queue."""
        return f"windows:{self.queue}"

    def driver(self) -> tuple[int, str]:
        """Return the version of the queue's driver, and as what it takes bytes that are not to be changed.

        Raises:
            OSError: Windows does not say.
        """
        version = self.spool.driver_version(self.queue)
        return version, XPS_PASS if version >= V4 else RAW

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Hand a job's bytes over to the spooler.

        Raises:
            SendFault: with the bytes that it took.
        """
        left = 0
        try:
            _, datatype = self.driver()
            handle, number = self.spool.begin(self.queue, datatype)
            try:
                while left < len(job):
                    took = self.spool.write(handle, job[left : left + _PIECE])
                    if not took:
                        raise OSError("the spooler takes nothing")
                    left += took
                    progress(left)
            finally:
                self.spool.end(handle)
        except OSError as e:
            raise SendFault(f"{self.address}: {e}", bytes_left_us=left) from e
        return Sent(bytes_sent=left, ticket=str(number))

    def status(self) -> PrinterStatus:
        """Ask the queue how its printer is; most drivers say nothing."""
        try:
            return windows_status(self.spool.printer_bits(self.queue))
        except OSError:
            return unknown(Trouble.UNREACHABLE)

    def labels_printed(self) -> int | None:
        """Return nothing: a queue does not count."""
        return None

    def identity(self) -> tuple[str, str, int] | None:
        """Return nothing: nobody says."""
        return None

    def loaded(self) -> Loaded:
        """Return nothing: nobody says."""
        return NOTHING_SAID

    def calibrate(self) -> bool:
        """Measure nothing: a queue knows no such word."""
        return False

    def fate(self, ticket: str) -> Fate | None:
        """Ask what became of a job; one that left the queue without the bit for *printed* has not been printed by that."""
        try:
            return windows_fate(self.spool.job_bits(self.queue, int(ticket)))
        except OSError:
            return Fate.UNDER_WAY

    def forget(self, ticket: str) -> bool:
        """Ask nothing: Windows keeps no job that is over, unless its queue is told to."""
        return True


class WinSpool:
    """`winspool.drv` by its own names (Microsoft: Print Spooler API). Only on Windows."""

    def __init__(self) -> None:
        """Load it.

        Raises:
            OSError: this is no Windows.
        """
        loader: Any = getattr(ctypes, "WinDLL", None)
        if loader is None:
            raise OSError("a Windows print queue needs Windows")
        self._api: Any = loader("winspool.drv", use_last_error=True)

    def queues(self) -> tuple[str, ...]:
        """Return the names of this computer's print queues, its own and those it is connected to."""
        needed, count = ctypes.c_uint32(), ctypes.c_uint32()
        asked = (_LOCAL | _CONNECTIONS, None, 4)
        self._api.EnumPrintersW(*asked, None, 0, ctypes.byref(needed), ctypes.byref(count))
        if not needed.value:
            return ()
        answer = ctypes.create_string_buffer(needed.value)
        self._must(self._api.EnumPrintersW(*asked, answer, needed.value, ctypes.byref(needed), ctypes.byref(count)))
        rows = ctypes.cast(answer, ctypes.POINTER(_QueueInfo))
        return tuple(str(rows[n].name) for n in range(count.value))

    def driver_version(self, queue: str) -> int:
        """Return the first number of the driver's description, which is its version."""
        with self._open(queue) as handle:
            return int(ctypes.cast(self._info(self._api.GetPrinterDriverW, handle, None, 2), _DWORDS)[0])

    def begin(self, queue: str, datatype: str) -> tuple[Any, int]:
        """Open the queue and begin a job with one page."""
        handle = ctypes.c_void_p()
        self._must(self._api.OpenPrinterW(ctypes.c_wchar_p(queue), ctypes.byref(handle), None))
        document = _DocInfo("Dockside", None, datatype)
        number = self._api.StartDocPrinterW(handle, 1, ctypes.byref(document))
        if not number:
            error = self._error()
            self._api.ClosePrinter(handle)
            raise error
        self._api.StartPagePrinter(handle)
        return handle, int(number)

    def write(self, handle: Any, data: bytes) -> int:
        """Write bytes."""
        took = ctypes.c_uint32()
        self._must(self._api.WritePrinter(handle, data, len(data), ctypes.byref(took)))
        return took.value

    def end(self, handle: Any) -> None:
        """End page and job."""
        self._api.EndPagePrinter(handle)
        self._api.EndDocPrinter(handle)
        self._api.ClosePrinter(handle)

    def printer_bits(self, queue: str) -> int:
        """Return the status of the printer: level 6 holds nothing else."""
        with self._open(queue) as handle:
            return int(ctypes.cast(self._info(self._api.GetPrinterW, handle, 6), _DWORDS)[0])

    def job_bits(self, queue: str, number: int) -> int | None:
        """Return the status of a job; Windows says *invalid parameter* for one that is not there."""
        with self._open(queue) as handle:
            try:
                info = self._info(self._api.GetJobW, handle, number, 1)
            except OSError as e:
                if getattr(e, "winerror", 0) == _INVALID_PARAMETER:
                    return None
                raise
            return int(ctypes.cast(info, ctypes.POINTER(_JobInfo))[0].status)

    @contextmanager
    def _open(self, queue: str) -> Iterator[Any]:
        handle = ctypes.c_void_p()
        self._must(self._api.OpenPrinterW(ctypes.c_wchar_p(queue), ctypes.byref(handle), None))
        try:
            yield handle
        finally:
            self._api.ClosePrinter(handle)

    def _info(self, call: Any, handle: Any, *arguments: Any) -> Any:
        """Call something that first says how many bytes its answer takes."""
        needed = ctypes.c_uint32()
        call(handle, *arguments, None, 0, ctypes.byref(needed))
        if not needed.value:
            raise self._error()
        answer = ctypes.create_string_buffer(needed.value)
        self._must(call(handle, *arguments, answer, needed.value, ctypes.byref(needed)))
        return answer

    def _must(self, done: int) -> None:
        if not done:
            raise self._error()

    def _error(self) -> OSError:
        number = int(getattr(ctypes, "get_last_error", int)())
        return OSError(number, f"Windows error {number}", None, number)


_INVALID_PARAMETER = 87
_LOCAL, _CONNECTIONS = 0x2, 0x4
_DWORDS = ctypes.POINTER(ctypes.c_uint32)


class _DocInfo(ctypes.Structure):
    """`DOC_INFO_1W`."""

    _fields_ = (("name", ctypes.c_wchar_p), ("file", ctypes.c_wchar_p), ("datatype", ctypes.c_wchar_p))


class _JobInfo(ctypes.Structure):
    """The beginning of `JOB_INFO_1W`."""

    _fields_ = (
        ("number", ctypes.c_uint32), ("printer", ctypes.c_wchar_p), ("machine", ctypes.c_wchar_p), ("user", ctypes.c_wchar_p),
        ("document", ctypes.c_wchar_p), ("datatype", ctypes.c_wchar_p), ("words", ctypes.c_wchar_p), ("status", ctypes.c_uint32),
    )  # fmt: skip


class _QueueInfo(ctypes.Structure):
    """`PRINTER_INFO_4W`."""

    _fields_ = (("name", ctypes.c_wchar_p), ("server", ctypes.c_wchar_p), ("attributes", ctypes.c_uint32))
