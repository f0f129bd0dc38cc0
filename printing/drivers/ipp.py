"""A printer or print server that speaks IPP (CUPS, AirPrint, printer applications): documents, their fate, and the printer's state.

The request and the answer are put together and taken apart by `pyipp`. The one thing a newcomer would get wrong: a server
that refuses a job has printed nothing, however many bytes it had read before; a connection that broke off is another thing.
"""

import http.client
import itertools
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from printing.drivers.protocols import (
    NOTHING_SAID,
    AddressFault,
    Fate,
    Loaded,
    PrinterState,
    PrinterStatus,
    Progress,
    SendFault,
    Sent,
    Trouble,
    unknown,
)
from printing.drivers.queue_status import OVER, queue_fate, queue_status

if TYPE_CHECKING:
    from pyipp.enums import IppOperation

PORT = 631
_PIECE = 16_384
_REFUSED = 0x0400
"""Status codes from here on: the server took nothing."""
_SERVERS_FAULT, _UNKNOWN_WORD = 0x0500, 0x0501
"""From here on it is the server that cannot, busy or broken as it is now; but for a word that it will never know (RFC 8011, B.1.5)."""
_PDF = b"%PDF-"
_HEAD = struct.Struct(">BBHI")
"""Version, status code and the request's number (RFC 8010, 3.1.8)."""
_VERSIONS = (1, 2)
_END = b"\x03"
_PURGE = b"\x22" + struct.pack(">h", 9) + b"purge-job" + struct.pack(">h", 1) + b"\x01"
"""An attribute of CUPS alone, which `pyipp` has no name for (CUPS Implementation of IPP, Cancel-Job; RFC 8010, 3.1.4: a boolean)."""


@dataclass(slots=True)
class IppPrinter:
    """One printer by its address, `ipp://host:631/ipp/print`."""

    uri: str
    answer_seconds: float = 5.0
    send_seconds: float = 30.0
    """How long one piece may wait for room, and the answer behind the last one."""
    user: str = "dockside"
    _requests: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1), init=False)

    @property
    def address(self) -> str:
        """Return the address."""
        return self.uri

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Hand a document over as one job.

        Raises:
            SendFault: `clean` if the server refused it or never got a byte of it.
        """
        from pyipp.enums import IppOperation

        kind = "application/pdf" if job.startswith(_PDF) else "application/octet-stream"
        head = self._request(IppOperation.PRINT_JOB, {"job-name": "Dockside", "document-format": kind})
        left = 0
        try:
            link = self._connect(self.send_seconds)
            try:
                link.putrequest("POST", urlsplit(self.uri).path or "/")
                link.putheader("Content-Type", "application/ipp")
                link.putheader("Content-Length", str(len(head) + len(job)))
                link.endheaders(head)
                while left < len(job):
                    piece = job[left : left + _PIECE]
                    link.send(piece)
                    left += len(piece)
                    progress(left)
                answer = link.getresponse().read()
            finally:
                link.close()
        except (OSError, http.client.HTTPException) as e:
            raise SendFault(f"{self.uri}: {e or type(e).__name__}", bytes_left_us=left) from e
        refused = _refused(answer)
        if refused:
            raise SendFault(f"{self.uri} refused the job: {refused:#06x}", bytes_left_us=0)
        said = _parsed(answer)
        if said is None:
            raise SendFault(f"{self.uri} answered nothing that is IPP", bytes_left_us=left)
        number = _whole(_first(said, "jobs").get("job-id"))
        return Sent(bytes_sent=left, ticket="" if number is None else str(number))

    def status(self) -> PrinterStatus:
        """Ask for the printer's state and its reasons."""
        from pyipp.enums import IppOperation

        wanted = ["printer-state", "printer-state-reasons", "printer-is-accepting-jobs"]
        try:
            said = _parsed(self._ask(IppOperation.GET_PRINTER_ATTRIBUTES, {"requested-attributes": wanted}))
        except (OSError, http.client.HTTPException):
            return unknown(Trouble.UNREACHABLE)
        printer = _first(said, "printers")
        state = _whole(printer.get("printer-state"))
        if state is None:
            return unknown(Trouble.UNREADABLE)
        status = queue_status(state, _texts(printer.get("printer-state-reasons")))
        if printer.get("printer-is-accepting-jobs") is False:
            return PrinterStatus(state=PrinterState.HELD, troubles=(*status.troubles, Trouble.PAUSED))
        return status

    def labels_printed(self) -> int | None:
        """Return nothing: a server does not count for us."""
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
        """Ask what became of a job; a server that does not answer, or forgot it, has not said that it was printed."""
        if not ticket:
            return Fate.GONE
        answer = self._job(ticket)
        job = _first(_parsed(answer), "jobs")
        state = _whole(job.get("job-state"))
        if state is None:
            return Fate.UNDER_WAY if _may_say_later(answer) else Fate.GONE
        return queue_fate(state, _texts(job.get("job-state-reasons")))

    def forget(self, ticket: str) -> bool:
        """Have the server let a job's files go: CUPS keeps them for a day (`PreserveJobFiles`), and lets go of them by `purge-job`.

        Another server has no such word, and refuses to end what is over. Only what it says is over is ended so: the same word
        takes a job that still prints out of the printer.
        """
        from pyipp.enums import IppOperation

        if not ticket:
            return True
        answer = self._job(ticket)
        state = _whole(_first(_parsed(answer), "jobs").get("job-state"))
        if state is None:
            return not _may_say_later(answer)
        if state not in OVER:
            return False
        try:
            return not _may_say_later(self._ask(IppOperation.CANCEL_JOB, {"job-id": int(ticket)}, _PURGE))
        except (OSError, http.client.HTTPException):
            return False

    def _job(self, ticket: str) -> bytes:
        """Return what the server says of a job; nothing where it does not answer."""
        from pyipp.enums import IppOperation

        wanted = ["job-state", "job-state-reasons"]
        try:
            return self._ask(IppOperation.GET_JOB_ATTRIBUTES, {"job-id": int(ticket), "requested-attributes": wanted})
        except (OSError, http.client.HTTPException):
            return b""

    def _ask(self, operation: "IppOperation", attributes: dict[str, Any], more: bytes = b"") -> bytes:
        link = self._connect(self.answer_seconds)
        try:
            body = self._request(operation, attributes)
            body = body.removesuffix(_END) + more + _END
            link.request("POST", urlsplit(self.uri).path or "/", body, {"Content-Type": "application/ipp"})
            return link.getresponse().read()
        finally:
            link.close()

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        there = urlsplit(self.uri)
        secure = there.scheme == "ipps"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(there.hostname or "", there.port or PORT, timeout=seconds)

    def _request(self, operation: "IppOperation", attributes: dict[str, Any]) -> bytes:
        from pyipp.serializer import encode_dict

        head = {
            "attributes-charset": "utf-8", "attributes-natural-language": "en", "printer-uri": self.uri,
            "requesting-user-name": self.user,
        }  # fmt: skip
        # The job's number comes before who asks for it (RFC 8011, 4.1.5).
        if "job-id" in attributes:
            head = {name: value for name, value in head.items() if name != "requesting-user-name"}
        wanted = {**head, **attributes} | {"requesting-user-name": self.user}
        return encode_dict(
            {
                "version": (2, 0), "operation": operation, "request-id": next(self._requests),
                "operation-attributes-tag": wanted,
            }
        )  # fmt: skip


def ipp_printer(address: str) -> IppPrinter:
    """Return the printer at an address.

    Raises:
        AddressFault: it has no host.
    """
    there = urlsplit(address)
    try:
        known = bool(there.hostname) and (there.port is None or there.port > 0)
    except ValueError:
        known = False
    if not known:
        raise AddressFault(f"{address!r} names no print server: ipp://host:631/ipp/print is one")
    return IppPrinter(address)


def _refused(answer: bytes) -> int:
    """Return the status code of an answer that refuses, 0 for any other."""
    code = _code(answer)
    return code if code is not None and code >= _REFUSED else 0


def _parsed(answer: bytes) -> dict[str, Any] | None:
    """Return an answer, or None for bytes that are none."""
    from pyipp.exceptions import IPPParseError
    from pyipp.parser import parse

    try:
        return parse(answer)
    except (IPPParseError, struct.error, ValueError, KeyError, IndexError, TypeError, OverflowError):
        return None


def _first(said: dict[str, Any] | None, group: str) -> dict[str, Any]:
    rows = [] if said is None else said.get(group) or []
    return rows[0] if rows and isinstance(rows[0], dict) else {}


def _whole(said: object) -> int | None:
    """Return a number that an answer says; None for anything else, several of them too."""
    return int(said) if isinstance(said, int) and not isinstance(said, bool) else None


def _code(answer: bytes) -> int | None:
    """Return the status code of an answer, None for bytes that are none; it stands before what `pyipp` may stumble over."""
    if len(answer) < _HEAD.size or answer[0] not in _VERSIONS:
        return None
    return int(_HEAD.unpack_from(answer)[2])


def _may_say_later(answer: bytes) -> bool:
    """Return whether a server that did not do or say what it was asked may do so another time."""
    code = _code(answer)
    return code is None or (code >= _SERVERS_FAULT and code != _UNKNOWN_WORD)


def _texts(said: Any) -> tuple[str, ...]:
    values = said if isinstance(said, list) else [said]
    return tuple(str(each) for each in values if each is not None)
