"""A printer behind a TCP port that takes whatever comes (9100): labels in ZPL, or documents in PDF.

Every job has a connection of its own; the end of the connection ends a PDF job. The one thing a newcomer would get
wrong: the operating system takes bytes long before the printer has them, so a job that was written without an error
is `Sent` and nothing more.
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from printing.drivers import host_status
from printing.drivers.protocols import PrinterState, PrinterStatus, Progress, SendFault, Sent, Trouble

PORT = 9100
_PIECE = 4096
_ODOMETER = b'! U1 getvar "odometer.total_label_count"\r\n'
_COUNT = re.compile(rb'"(\d+)[^"]*"')
_LONGEST_PAUSE = 32
"""A printer that never answers is asked again after at most so many requests."""


@dataclass(slots=True)
class RawTcpPrinter:
    """One printer; `speaks` is off for devices known to be one-way (documents, clones)."""

    host: str
    port: int = PORT
    speaks: bool = True
    connect_seconds: float = 3.0
    send_seconds: float = 30.0
    """How long one piece may wait for room: a printer out of paper stops reading."""
    answer_seconds: float = 1.0
    linger_seconds: float = 0.25
    """How long a printer may take to close a connection after a job; one that keeps it open says nothing by it."""
    _silences: int = field(default=0, init=False)
    _skips: int = field(default=0, init=False)

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Hand over a job's bytes.

        Raises:
            SendFault: with the bytes that left us.
        """
        left = 0
        try:
            with socket.create_connection((self.host, self.port), self.connect_seconds) as link:
                link.settimeout(self.send_seconds)
                while left < len(job):
                    left += link.send(job[left : left + _PIECE])
                    progress(left)
                link.shutdown(socket.SHUT_WR)
                self._await_end(link)
        except OSError as e:
            raise SendFault(f"{self.host}:{self.port}: {e}", bytes_left_us=left) from e
        return Sent(bytes_sent=left)

    def status(self) -> PrinterStatus:
        """Ask `~HS`. A printer that kept silent is asked ever more rarely, so that no label waits for its time-out."""
        if not self.speaks:
            return PrinterStatus(state=PrinterState.UNKNOWN, troubles=(Trouble.SILENT,))
        if self._skips > 0:
            self._skips -= 1
            return PrinterStatus(state=PrinterState.UNKNOWN, troubles=(Trouble.SILENT,))
        try:
            answer = self._ask(host_status.QUERY, host_status.is_complete)
        except OSError:
            return PrinterStatus(state=PrinterState.UNKNOWN, troubles=(Trouble.UNREACHABLE,))
        self._silences = 0 if answer else self._silences + 1
        self._skips = 0 if answer else min(2**self._silences - 1, _LONGEST_PAUSE)
        return host_status.parse(answer)

    def labels_printed(self) -> int | None:
        """Return the odometer, or None where the printer does not say."""
        if not self.speaks or self._silences:
            return None
        try:
            answer = self._ask(_ODOMETER, lambda so_far: so_far.count(b'"') > 1)
        except OSError:
            return None
        found = _COUNT.search(answer)
        return int(found[1]) if found else None

    def _ask(self, query: bytes, complete: Callable[[bytes], bool]) -> bytes:
        answer = b""
        with socket.create_connection((self.host, self.port), self.connect_seconds) as link:
            link.settimeout(self.answer_seconds)
            link.sendall(query)
            try:
                while not complete(answer):
                    piece = link.recv(_PIECE)
                    if not piece:
                        break
                    answer += piece
            except TimeoutError:
                pass  # what came so far is judged: silence and half an answer are answers too
        return answer

    def _await_end(self, link: socket.socket) -> None:
        """Read until the printer closes: a connection that is reset instead did not take everything."""
        link.settimeout(self.linger_seconds)
        try:
            while link.recv(_PIECE):
                pass
        except TimeoutError:
            pass  # kept open: no word about the job
