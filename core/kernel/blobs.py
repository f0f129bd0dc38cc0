"""Immutable files beside the database, named by their SHA-256: renderings, pictures, photos."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.kernel.refusal import Fault


class BlobFault(Fault):
    """A blob is missing or its bytes are not what its name says."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of copying."""

    files: int
    """Those that were not there before."""
    damaged: tuple[str, ...]
    """Digests of what was left, since its bytes are not what its name says."""


class BlobStore:
    """Files of one home's `blobs` folder, two levels deep."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is made at the first write."""
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep bytes durably and return their SHA-256 as hex; the same bytes are kept once.

        Raises:
            OSError: the disk refused.
        """
        digest, path = self._named(data)
        if not self._is_there(path, data):
            self._write(path, data, durably=True)
            sync_folder(path.parent)
        return digest

    def lay(self, data: bytes) -> str:
        """Keep bytes so that everybody can read them, and return their SHA-256 as hex; the plug may be pulled only after `settle`.

        Whoever lays them has them somewhere durable, and puts them once more after such an end.

        Raises:
            OSError: the disk refused.
        """
        digest, path = self._named(data)
        if not self._is_there(path, data):
            self._write(path, data, durably=False)
        return digest

    def settle(self, digest: str) -> None:
        """Make durable what was laid.

        Raises:
            OSError: the disk refused.
        """
        path = self._path(digest)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        sync_folder(path.parent)

    def get(self, digest: str) -> bytes:
        """Return the bytes of a digest.

        Raises:
            BlobFault: they are missing or damaged.
        """
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError as e:
            raise BlobFault(f"blob {digest} is missing") from e
        if sha256(data).hexdigest() != digest:
            raise BlobFault(f"blob {digest} is damaged")
        return data

    def has(self, digest: str) -> bool:
        """Return whether the bytes of a digest are here."""
        return self._path(digest).exists()

    def names(self) -> Iterator[str]:
        """Yield the digests of all bytes that are here, in order; what was cut off while it was written is none."""
        for path in sorted(self._folder.glob("??/*")):
            if not path.suffix:
                yield path.parent.name + path.name

    def older(self, than_ms: int) -> Iterator[str]:
        """Yield the digests of bytes that nobody kept since an instant, in order."""
        for digest in self.names():
            if self._path(digest).stat().st_mtime * 1000 < than_ms:
                yield digest

    def remove(self, digest: str) -> None:
        """Let bytes go that no row names any more.

        Raises:
            OSError: the disk refused.
        """
        self._path(digest).unlink(missing_ok=True)

    def copy_to(self, other: "BlobStore") -> "Copied":
        """Keep everything elsewhere as well, each file durably; what is damaged here is left and named.

        Raises:
            OSError: a disk refused.
        """
        copied, damaged = 0, []
        for digest in self.names():
            if other.has(digest):
                continue
            try:
                other.put(self.get(digest))
            except BlobFault:
                damaged.append(digest)
            else:
                copied += 1
        return Copied(copied, tuple(damaged))

    def _named(self, data: bytes) -> tuple[str, Path]:
        digest = sha256(data).hexdigest()
        return digest, self._path(digest)

    def _is_there(self, path: Path, data: bytes) -> bool:
        """Return whether bytes are here as a whole: of what was laid, an end may have left a part."""
        try:
            whole = path.read_bytes() == data
        except FileNotFoundError:
            return False
        # Wanted anew: whoever looks for old ones leaves it until the row that names it is there.
        path.touch()
        return whole

    def _write(self, path: Path, data: bytes, *, durably: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(data)
            if durably:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:]


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable, where the system can (Windows keeps them with the file)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
