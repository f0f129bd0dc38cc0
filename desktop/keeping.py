"""Files that come out whole or not at all: written under another name beside their place, and renamed at the end."""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.kernel.refusal import Fault

_NAME_MAX = 80
_UNSAFE = re.compile(r"[^\w.-]+")


def keep(path: Path, data: bytes) -> None:
    """Write a file whole.

    Raises:
        Fault: the folder is not there, or the disk refused.
    """
    keep_all({path: data})


def keep_all(files: Mapping[Path, bytes]) -> None:
    """Write several files; none of them is in its place before all are written.

    Raises:
        Fault: a folder is not there, or the disk refused.
    """
    parts: list[tuple[str, Path]] = []
    path = Path()
    try:
        for path, data in files.items():
            handle, part = tempfile.mkstemp(prefix=".dockside-", suffix=".part", dir=path.parent)
            parts.append((part, path))
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(part).chmod(0o666 & ~_umask())
        for part, path in parts:
            Path(part).replace(path)
    except OSError as e:
        raise Fault(f"{e.filename2 or path}: {e.strerror or e}") from e
    finally:
        for part, _ in parts:
            Path(part).unlink(missing_ok=True)


def file_names(wanted: Sequence[str], suffix: str) -> list[str]:
    """Return a name of a file for each label, all different, of characters that every disk takes."""
    found: list[str] = []
    taken: set[str] = set()
    for number, each in enumerate(wanted, start=1):
        stem = _UNSAFE.sub("_", each).strip("._")[:_NAME_MAX] or f"{number:05}"
        name, again = stem, number
        while name.lower() in taken:
            name, again = f"{stem}-{again}", again + len(wanted)
        taken.add(name.lower())
        found.append(f"{name}{suffix}")
    return found


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
