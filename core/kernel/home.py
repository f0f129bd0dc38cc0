"""A station's data folder: the database file, its key, the lock that keeps a second process out, blobs and backups.

Only a local disk will do: SQLite's locks and syncs are promises that network drives do not keep.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.kernel.blobs import BlobStore, sync_folder
from core.kernel.refusal import Fault

KEY_BYTES = 32
DATABASE = "station.db"
"""The database's file in a home."""

_REMOTE_TYPES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "9p", "afs", "ceph", "glusterfs", "davfs"})


class HomeFault(Fault):
    """The data folder cannot be used; the message says why and what to do."""


class HomeBusy(HomeFault):
    """Another process works in this home."""


class Home:
    """Paths and files of one station's data folder."""

    def __init__(self, folder: Path, *, allow_fuse: bool = False) -> None:
        """Use `folder`, making it when it is not there.

        Raises:
            HomeFault: it is not a folder, not writable, or on a network drive.
        """
        self.folder = folder.absolute()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as e:
            raise HomeFault(f"{self.folder} is not a folder") from e
        except OSError as e:
            raise HomeFault(f"{self.folder} cannot be made: {e.strerror}") from e
        refuse_remote(self.folder, allow_fuse=allow_fuse)

    @property
    def database(self) -> Path:
        """Return the path of the station's database file."""
        return self.folder / DATABASE

    @property
    def witness(self) -> Path:
        """Return the path of the file that says how far the log was; see `witness.py`."""
        return self.folder / "station.witness"

    @property
    def blobs(self) -> BlobStore:
        """Return the store of immutable files."""
        return BlobStore(self.folder / "blobs")

    @property
    def backups(self) -> Path:
        """Return the folder of database backups."""
        return self.folder / "backups"

    def key(self) -> bytes:
        """Return the database key, made at the first call and kept in a file only its owner reads.

        Raises:
            HomeFault: the key is missing beside an existing database, or not a key.
        """
        path = self.folder / "station.key"
        if not path.exists():
            if self.database.exists():
                raise HomeFault(f"{path} is missing, and {self.database} cannot be read without it")
            self._write_key(path)
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise HomeFault(f"{path} holds {len(key)} bytes, a key has {KEY_BYTES}")
        return key

    def _write_key(self, path: Path) -> None:
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_bytes(KEY_BYTES))
            os.fsync(handle)
        finally:
            os.close(handle)
        part.replace(path)
        sync_folder(self.folder)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home for this process; the system lets go of it when the process ends, however it ends.

        Raises:
            HomeBusy: another process holds it.
            HomeFault: the folder cannot be written.
        """
        try:
            file = (self.folder / "station.lock").open("a+b")
        except OSError as e:
            raise HomeFault(f"{self.folder} cannot be written: {e.strerror}") from e
        with file:
            if not try_lock(file.fileno()):
                raise HomeBusy(f"{self.folder} is in use by another Dockside process")
            yield


def try_lock(handle: int) -> bool:
    """Lock a file for this process and return whether nobody else had; its end gives it up, however it ends."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def refuse_remote(folder: Path, *, allow_fuse: bool) -> None:
    """Refuse a folder that is not on a local disk.

    Args:
        folder: where the database would lie.
        allow_fuse: let user-space file systems pass, for the power-cut tests.

    Raises:
        HomeFault: it is on a network drive, or on a user-space file system without leave.
    """
    kind = _file_system(folder)
    if kind in _REMOTE_TYPES or (kind.startswith("fuse") and not allow_fuse):
        raise HomeFault(f"{folder} is on a {kind} drive: the station's data must lie on a local disk")


def _file_system(folder: Path) -> str:
    """Return the type of the file system a folder lies on, empty where it cannot be told."""
    if sys.platform == "win32":
        return _windows_drive(folder)
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return ""
    real = str(folder.resolve())
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, point, fs_type, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fs_type
    return kind


if sys.platform == "win32":

    def _windows_drive(folder: Path) -> str:
        import ctypes

        drive_remote = 4
        anchor = folder.absolute().anchor
        if anchor.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(anchor) == drive_remote:
            return "smbfs"
        return ""
