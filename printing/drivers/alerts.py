"""What a Zebra printer says by itself: which printer, and whether a job is done (Link-OS alerts).

Two forms: words, `ALERT: PQ JOB COMPLETED [2024-07-17 14:36:30] [serial]`, which follow the language the printer is set to,
and an object with `condition_id`, which does not. Words in a language we cannot read say nothing; they never say *done*.
"""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

DONE = "PQ JOB COMPLETED"
_WORDS = re.compile(r"^(ALERT|ERROR CONDITION|ERROR CLEARED): ([A-Z0-9 ]+?)(?: \[[^\]]*\])?(?: \[([^\]]*)\])?$")
_LONGEST = 8_192
_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert."""

    condition: str
    cleared: bool = False
    serial: str = ""

    @property
    def job_done(self) -> bool:
        """Say whether it is that all labels of a job came out."""
        return self.condition == DONE and not self.cleared


def read_alerts(said: bytes) -> tuple[Alert, ...]:
    """Return the alerts in what a printer sent; what is none is passed over."""
    text = said.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        return tuple(filter(None, (_from_object(text),)))
    found = (_WORDS.match(line.strip()) for line in text.splitlines())
    return tuple(Alert(each[2], each[1] == "ERROR CLEARED", each[3] or "") for each in found if each is not None)


def _from_object(text: str) -> Alert | None:
    try:
        said = json.loads(text)
    except ValueError:
        return None
    inner = said.get("alert", said) if isinstance(said, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("condition_id"), str):
        return None
    cleared = "CLEARED" in str(inner.get("type_id", "")).upper() or inner.get("condition_state") == "CLEARED"
    return Alert(inner["condition_id"].upper(), cleared, str(inner.get("unique_id", "")))


def wish(host: str, port: int) -> bytes:
    """Return what lets a printer say by itself, at a port of ours, that a job is done."""
    return f'! U1 setvar "alerts.add" "{DONE},TCP,Y,Y,{host},{port},0,N,"\r\n'.encode("ascii")


@contextmanager
def listening(port: int, heard: Callable[[str, Alert], None]) -> Iterator[int]:
    """Listen for alerts as long as the block runs; yields the port.

    Args:
        port: ours; 0 for any.
        heard: is told the printer's address and its alert, on the listener's thread.

    Raises:
        OSError: the port is taken.
    """
    server = socket.create_server(("", port))

    def serve() -> None:
        while True:
            try:
                link, (host, _) = server.accept()
            except OSError:
                return  # closed: the block is over
            with link:
                for alert in read_alerts(_all_of(link)):
                    heard(host, alert)

    thread = threading.Thread(target=serve, name="dockside-alerts")
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def _all_of(link: socket.socket) -> bytes:
    """Return what comes until the end, but not for ever and not more than an alert is long."""
    link.settimeout(_PATIENCE_S)
    said = b""
    try:
        while len(said) < _LONGEST:
            piece = link.recv(_LONGEST)
            if not piece:
                break
            said += piece
    except OSError:
        pass  # what came so far is read
    return said
