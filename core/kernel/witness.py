"""A witness outside the database: how long the log was when somebody last looked, in a small file beside it.

A database file that was put back from a copy is a good database; nothing in it says that it is not the newest. The witness
does: it names the last start of the program and the head of the log, and lies in another file. It is written with a sync of
its own when the program starts and ends and every few seconds while it works, never with a scan. It also names the file it
is written in: a folder that was copied elsewhere has no witness. (Reference: sync, 8.0, 12.)
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.kernel.blobs import sync_folder
from core.kernel.executor import Identity
from core.kernel.operations import Operation
from core.kernel.tables import sql_of


@dataclass(frozen=True, slots=True)
class Said:
    """What the witness saw."""

    start: bytes
    """The newest start of the program."""
    incarnation: int
    length: int
    """The number of the last operation of that incarnation; 0 before the first."""
    head: bytes
    """Its hash."""


class Witness:
    """The file."""

    def __init__(self, path: Path) -> None:
        """Use a file that need not be there yet."""
        self._path = path

    def read(self) -> Said | None:
        """Return what it saw; None where there is none, it cannot be read, or it was copied here from elsewhere."""
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            if told["file"] != _file_of(self._path):
                return None
            return Said(
                bytes.fromhex(told["start"]), int(told["incarnation"]), int(told["length"]), bytes.fromhex(told["head"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, said: Said) -> None:
        """Replace what it says; whole or not at all.

        Raises:
            OSError: the disk refused.
        """
        # Of this process alone: a command beside a hub that serves writes as well, and the later of the two counts.
        part = self._path.with_suffix(f".{os.getpid()}.part")
        with part.open("w", encoding="utf-8") as file:
            told = {
                "file": _file_of(part), "start": said.start.hex(), "incarnation": said.incarnation,
                "length": said.length, "head": said.head.hex(),
            }  # fmt: skip
            json.dump(told, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        sync_folder(self._path.parent)


def _file_of(file: Path) -> str:
    """Return what a copy of a file does not share with it, and a restart of the machine does not change.

    But on a file system that knows no name of its own but its device's, as XFS does: there it takes itself for a copy.
    """
    found = file.stat()
    # The number of a device is another after disks were plugged differently, and on some file systems after every start.
    where = os.statvfs(file).f_fsid if hasattr(os, "statvfs") else found.st_dev
    return f"{where}:{found.st_ino}"


def contains(connection: sa.Connection, identity: Identity, said: Said) -> bool:
    """Return whether a file's log holds what its witness saw of it."""
    if said.incarnation != identity.incarnation:
        return False
    if not said.length:
        return True
    log = sql_of(Operation)
    query = sa.select(log.c.hash).where(
        log.c.site == identity.site, log.c.station == identity.station, log.c.incarnation == said.incarnation,
        log.c.seq == said.length,
    )  # fmt: skip
    found = connection.execute(query).scalar_one_or_none()
    return found is not None and bytes(found) == said.head


def saw_more(connection: sa.Connection, identity: Identity, said: Said) -> bool:
    """Return whether a witness saw of a file what is not in it: it was put back. It may know less, and be a step behind."""
    if said.incarnation != identity.incarnation:
        return said.incarnation > identity.incarnation
    return not contains(connection, identity, said)
