"""A printer on a wire: jobs are written to it, and it is asked how it is in its own language.

The one thing a newcomer would get wrong: a printer that is known to answer and is silent now is held. One of which nothing
is known yet is asked a few times, ever more rarely; if it never gives an answer that is one, it is taken for one that only
listens, and never asked again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from printing.drivers import variables
from printing.drivers.dialects import DIALECTS, Dialect, Question, together
from printing.drivers.links import PIECE, Link, Taken, TcpLink, Wire
from printing.drivers.protocols import (
    NOTHING_SAID,
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

TRIES = 3
"""Silences or echoes after which a printer of which nothing was known is taken for one that only listens."""
_NAMES = 10_000
"""Marks of four digits."""
_PIECES = 100
"""Of what a printer says by itself before it is not listened to any more."""
_SKIPS = (0, 1, 3, 7, 15, 31)
"""Requests that are answered without asking after so many silences in a row."""


@dataclass(slots=True)
class WirePrinter:
    """One printer; `dialect` is None for those that only listen (documents, clones)."""

    link: Link
    dialect: Dialect | None = DIALECTS["zpl"]
    answers: bool = False
    """Whether it is known to answer: then its silence is a trouble and no habit."""
    learnt: Callable[[bool], None] = lambda _: None
    """Hears once whether it answers, when that was not known."""
    send_seconds: float = 30.0
    """How long one piece may wait for room: a printer out of paper stops reading."""
    answer_seconds: float = 1.0
    linger_seconds: float = 0.25
    """How long a printer may take to close a connection after a job; one that keeps it open says nothing by it."""
    done_seconds: float = 8.0
    """How long a printer may take to say that a job came out, where it can."""
    beside: TcpLink | None = None
    """Where it can be asked while a job goes on (9200)."""
    _marks: int = field(default=0, init=False)
    _answers_marks: bool | None = field(default=None, init=False)
    """Whether it sends a mark back; None where it was not tried yet."""
    _silences: int = field(default=0, init=False)
    _skips: int = field(default=0, init=False)

    @property
    def address(self) -> str:
        """Return where it is."""
        return self.link.address

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Hand over a job's bytes.

        Raises:
            SendFault: with the bytes that left us.
        """
        left, ticket = 0, ""
        try:
            with self.link.open() as wire:
                marks = self._marks_jobs(wire)
                while left < len(job):
                    left += wire.send(job[left : left + PIECE], self.send_seconds)
                    progress(left)
                if marks:
                    ticket = self._marked(wire, self.done_seconds)
                wire.finish(self.linger_seconds)
        except OSError as e:
            raise SendFault(f"{self.address}: {e}", bytes_left_us=left) from e
        return Sent(bytes_sent=left, ticket=ticket)

    def _marks_jobs(self, wire: Wire) -> bool:
        """Say whether the printer sends a mark back; it is tried with one before its first job, behind nothing.

        One that does not know it may take the four characters for text, which the next job's `ESC @` throws away.
        """
        if self._answers_marks is None:
            self._answers_marks = bool(self._marked(wire, self.answer_seconds))
        return self._answers_marks

    def _marked(self, wire: Wire, seconds: float) -> str:
        """Send a mark and return it once it comes back; nothing where it does not, in that time."""
        dialect = self.dialect
        if dialect is None or dialect.mark is None:
            return ""
        self._marks += 1
        name, answer = f"{self._marks % _NAMES:04}", b""
        _send_all(wire, dialect.mark(name), self.send_seconds)
        try:
            for _ in range(_PIECES):
                piece = wire.receive(seconds)
                answer += piece
                if not piece or dialect.has_come_out(answer, name):
                    break
        except TimeoutError:
            pass  # paper ran out within it, or it does not know the question: nobody knows
        return name if dialect.has_come_out(answer, name) else ""

    def status(self) -> PrinterStatus:
        """Ask how it is."""
        if self.dialect is None:
            return unknown(Trouble.ONE_WAY)
        if self._skips > 0:
            self._skips -= 1
            return unknown(Trouble.SILENT)
        try:
            status = self._asked(self.dialect)
        except Taken:
            return unknown(Trouble.IN_USE)
        except OSError:
            return unknown(Trouble.UNREACHABLE)
        if status.state is not PrinterState.UNKNOWN:
            self._silences = 0
            if not self.answers:
                self.answers = True
                self.learnt(True)
            return status
        self._silences += 1
        self._skips = _SKIPS[min(self._silences, len(_SKIPS) - 1)]
        if not self.answers and self._silences >= TRIES:
            self.dialect = None
            self.learnt(False)
            return unknown(Trouble.ONE_WAY)
        return status

    def labels_printed(self) -> int | None:
        """Return the odometer, or None where the printer does not say."""
        dialect = self.dialect
        if dialect is None or dialect.count is None or dialect.parse_count is None or self._silences:
            return None
        try:
            with self.link.open(to_ask=True) as wire:
                return dialect.parse_count(self._ask(wire, dialect.count))
        except OSError:
            return None

    def fate(self, ticket: str) -> Fate | None:
        """Return that the printer said it, where it sent the job's mark back; nothing stands between us and it."""
        return Fate.SAID if ticket else None

    def forget(self, ticket: str) -> bool:
        """Ask nothing: what left is kept by nobody."""
        return True

    def identity(self) -> tuple[str, str, int] | None:
        """Return model, firmware and dots an inch as the printer says, or None where it does not."""
        if self.dialect is None or self.dialect.identity is None:
            return None
        try:
            with self.link.open(to_ask=True) as wire:
                return variables.identity(self._ask(wire, self.dialect.identity))
        except OSError:
            return None

    def loaded(self) -> Loaded:
        """Return what it says of the labels that lie in it; what it has no sensor for it does not say."""
        dialect = self.dialect
        if dialect is None or dialect.width is None or dialect.tracking is None or self._silences:
            return NOTHING_SAID
        try:
            with self.link.open(to_ask=True) as wire:
                tracking = variables.value(self._ask(wire, dialect.tracking))
                # One that does not know the first will not know the second, and would be waited for.
                width = None if tracking is None else variables.decimal(self._ask(wire, dialect.width))
        except OSError:
            return NOTHING_SAID
        by_marks = {"mark": True, "gap/notch": False}.get(tracking or "")
        return Loaded(width_mm=width or None, by_marks=by_marks)

    def calibrate(self) -> bool:
        """Let it measure the labels that lie in it; return whether it can be told to.

        Raises:
            SendFault: the command did not leave us.
        """
        words = b"" if self.dialect is None else self.dialect.calibrate
        if words:
            self.send(words, lambda _: None)
        return bool(words)

    def _asked(self, dialect: Dialect) -> PrinterStatus:
        try:
            with self.link.open(to_ask=True) as wire:
                status = dialect.parse(self._ask(wire, dialect.status))
                if (
                    status.state is not PrinterState.UNKNOWN
                    and dialect.more is not None
                    and dialect.parse_more is not None
                ):
                    return together(status, dialect.parse_more(self._ask(wire, dialect.more)))
        except OSError:
            aside = self._aside()
            if aside is None:
                raise
            return aside
        # A printer that takes one connection at a time lets another wait: it is silent while a job goes on.
        silent = status.troubles == (Trouble.SILENT,)
        return (self._aside() or status) if silent else status

    def _aside(self) -> PrinterStatus | None:
        """Return what the printer says on its second port while the first one is taken; None where it has none."""
        if self.beside is None or self.dialect is not DIALECTS["zpl"]:
            return None
        try:
            with self.beside.open(to_ask=True) as wire:
                said = read_json(wire, {"device.host_status": None}, self.answer_seconds)
        except OSError:
            return None
        frames = str(said.get("device.host_status") or "").splitlines()
        return self.dialect.parse(b"".join(b"\x02" + each.encode() + b"\x03\r\n" for each in frames if each))

    def _ask(self, wire: Wire, question: Question) -> bytes:
        answer = b""
        _send_all(wire, question.query, self.send_seconds)
        try:
            while not question.is_complete(answer):
                piece = wire.receive(self.answer_seconds)
                if not piece:
                    break
                answer += piece
        except TimeoutError:
            pass  # what came so far is judged: silence and half an answer are answers too
        # A printer that only sends back what it hears says nothing by it.
        return b"" if answer == question.query else answer


def read_json(wire: Wire, wanted: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return variables by their names, asked of a status port (9200) in JSON; nothing where it is none."""
    _send_all(wire, b"{}" + json.dumps(wanted).encode(), seconds)
    answer = b""
    try:
        while piece := wire.receive(seconds):
            answer += piece
            try:
                said = json.loads(answer)
            except ValueError:
                continue
            return said if isinstance(said, dict) else {}
    except TimeoutError:
        pass  # half an answer is none
    return {}


def _send_all(wire: Wire, data: bytes, seconds: float) -> None:
    left = 0
    while left < len(data):
        left += wire.send(data[left:], seconds)
