"""One writer a printer, among all programs of this computer: a lock with a lease of thirty seconds.

Two programs that write to one printer would each count the other's labels. A lock file is held for the length of a job: a
program that ends gives it up at once, whatever became of it. One that hangs keeps the lock and loses the lease: after
thirty seconds another may take the printer, and what hung must ask before it writes on.

Another computer's programs do not see the lock. There the printer itself keeps them apart, as far as it takes one
connection at a time; that a counter moved further than our job is then told from a label of ours (`spooler.py`).
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.kernel.home import try_lock

LEASE_S = 30.0


class LeaseLost(OSError):
    """It took too long: another program has the printer now."""


@dataclass(slots=True)
class Lease:
    """The right to write to a printer."""

    path: Path
    descriptor: int
    boot_ns: Callable[[], int]

    def renew(self) -> None:
        """Go on for another thirty seconds.

        Raises:
            LeaseLost: somebody else has taken it, or could have.
        """
        if not self.held():
            raise LeaseLost("another program prints there now")
        _write(self.descriptor, self.boot_ns() + int(LEASE_S * 1e9))

    def held(self) -> bool:
        """Say whether it is still ours."""
        try:
            same = os.path.samestat(self.path.stat(), os.fstat(self.descriptor))
        except FileNotFoundError:
            return False
        return same and self.boot_ns() <= _read(self.descriptor)


def lock_folder() -> Path:
    """Return where all programs of this computer and user look for locks."""
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"dockside-printers-{_user()}"


@contextmanager
def writer_of(address: str, boot_ns: Callable[[], int], folder: Path | None = None) -> Iterator[Lease | None]:
    """Hold a printer as long as the block runs; None where another program holds it.

    Args:
        address: of the printer, the same text for everybody.
        boot_ns: nanoseconds since the computer started, the same for all its programs.
        folder: where the locks are.
    """
    folder = lock_folder() if folder is None else folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.lock"
    descriptor = _taken(path, boot_ns)
    if descriptor is None:
        yield None
        return
    try:
        lease = Lease(path, descriptor, boot_ns)
        _write(descriptor, boot_ns() + int(LEASE_S * 1e9))
        yield lease
    finally:
        os.close(descriptor)


def _taken(path: Path, boot_ns: Callable[[], int]) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if not try_lock(descriptor):
        until = _read(descriptor)
        os.close(descriptor)
        # A time further off than a lease is from before the computer started anew.
        if boot_ns() <= until <= boot_ns() + int(LEASE_S * 1e9):
            return None
        path.unlink(missing_ok=True)
        return _fresh(path)
    if not path.exists() or not os.path.samestat(path.stat(), os.fstat(descriptor)):
        os.close(descriptor)
        return _fresh(path)
    return descriptor


def _fresh(path: Path) -> int | None:
    """Take a new lock file; None where somebody was quicker."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if not try_lock(descriptor):
        os.close(descriptor)
        return None
    return descriptor


def _read(descriptor: int) -> int:
    os.lseek(descriptor, 0, os.SEEK_SET)
    said = os.read(descriptor, 32).strip(b"\x00 \n")
    return int(said) if said.isdigit() else 0


def _write(descriptor: int, until: int) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, b"%020d\n" % until)


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
