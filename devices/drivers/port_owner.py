"""Which program holds a port, on Linux: the one that has its file open (`/proc`).

The one thing a newcomer would get wrong: other users' programs cannot be looked into; no name is no proof.
"""

import os
from pathlib import Path

_PROC = Path("/proc")


def owner_of(path: str, proc: Path = _PROC) -> str:
    """Return the name of another program that has this file open, or nothing."""
    real = os.path.realpath(path)
    for process in proc.glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(os.path.realpath(handle) == real for handle in (process / "fd").iterdir()):
                return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue  # it has ended, or is not ours to look into
    return ""
