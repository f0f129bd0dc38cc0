"""What the virtual printer has printed, kept so that nothing is ever lost or counted twice.

A print is a line in `printed.jsonl`; its bytes are written and synced before the line. A process that is killed in
between leaves a file without a line, which the next print overwrites: it was never printed.
"""

import hashlib
import importlib
import importlib.util
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

JOURNAL = "printed.jsonl"
_JOB = re.compile(rb"\^FXjob=([0-9A-Za-z-]+)")
_PAGE = re.compile(rb"/Type\s*/Page\b")
_QUANTITY = re.compile(rb"\^PQ(\d+)")
_SET_UP = re.compile(rb"~SD\d+|\^(?:PQ|JZ|PR)\w*")
"""What the renderer does not know, and what changes no picture: how dark, how fast, how often, and what after a fault."""
_SIZE = re.compile(rb"\^PW(\d+)\^LL(\d+)")
_BARCODE = re.compile(rb"\^B([0-9A-Z])[^^]*(\^FH[^^]?)?\^FD([^^]*)\^FS")
_HEXADECIMAL = re.compile(rb"_([0-9A-Fa-f]{2})")
_INVOCATION = re.compile(r">(.)")


class Tray:
    """A directory with numbered prints and their journal."""

    def __init__(self, directory: Path, now_ms: Callable[[], int]) -> None:
        """Open a directory, and forget a journal line that was cut off while it was written."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._now_ms = now_ms
        self._journal = directory / JOURNAL
        self.spoilt = 0
        self._prints, self.labels, self.pages = self._recovered()

    def keep(self, raw: bytes, suffix: str, *, spoilt: bool = False) -> int:
        """Keep one print for good and return its number, from 1; `suffix` is `zpl` or `pdf`.

        A spoilt label is paper that nobody can scan: it is kept, and counts as no label.
        """
        number = self._prints + 1
        name = f"{number:06}.{suffix}"
        _write_synced(self._directory / name, raw, "wb")
        quantity = _QUANTITY.search(raw) if suffix == "zpl" else None
        job = _JOB.search(raw) if suffix == "zpl" else None
        copies = int(quantity[1]) if quantity else len(_PAGE.findall(raw)) if suffix == "pdf" else 1
        copies = 0 if spoilt else copies
        line = {
            "n": number,
            "at_ms": self._now_ms(),
            "file": name,
            "sha256": hashlib.sha256(raw).hexdigest(),
            "job": job[1].decode() if job else "",
            "codes": codes(raw) if suffix == "zpl" else [],
            "copies": copies,
            "spoilt": spoilt,
        }
        _write_synced(self._journal, (json.dumps(line, sort_keys=True) + "\n").encode(), "ab")
        self._prints = number
        self._count(suffix, copies, spoilt=spoilt)
        return number

    def _count(self, suffix: str, copies: int, *, spoilt: bool) -> None:
        self.spoilt += spoilt
        if suffix == "pdf":
            self.pages += copies
        else:
            self.labels += copies

    def _recovered(self) -> tuple[int, int, int]:
        if not self._journal.exists():
            return 0, 0, 0
        written = self._journal.read_bytes()
        whole = written[: written.rfind(b"\n") + 1]
        if whole != written:
            _write_synced(self._journal, whole, "wb")
        lines = [json.loads(line) for line in whole.splitlines()]
        self.spoilt = sum(bool(line.get("spoilt")) for line in lines)
        pages = sum(line["copies"] for line in lines if line["file"].endswith(".pdf"))
        return len(lines), sum(line["copies"] for line in lines) - pages, pages

    def draw(self, number: int, raw: bytes, dpi: int) -> bool:
        """Put a picture beside a printed label, where a renderer is installed; say whether there is one."""
        if importlib.util.find_spec("zplkit") is None:
            return False
        renderer = importlib.import_module("zplkit")
        size = _SIZE.search(raw)
        width, height = (int(size[1]), int(size[2])) if size else (4 * dpi, 6 * dpi)
        options = renderer.Options(profile="specification", width=width, height=height, dpi=dpi)
        try:
            drawn = renderer.render(_SET_UP.sub(b"", raw), options)
            picture = drawn.labels[0].png() if drawn.labels else b""
        except ValueError:
            return False
        (self._directory / f"{number:06}.png").write_bytes(picture)
        return True


def codes(raw: bytes) -> list[str]:
    """Return what the barcodes of a ZPL label say, in order; a function character of Code 128 says nothing."""
    found = []
    for kind, hexadecimal, data in _BARCODE.findall(raw):
        plain = _HEXADECIMAL.sub(lambda m: bytes.fromhex(m[1].decode()), data) if hexadecimal else data
        text = plain.decode("utf-8", "replace")
        found.append(_INVOCATION.sub(lambda m: ">" if m[1] == "0" else "", text) if kind == b"C" else text)
    return found


def _write_synced(path: Path, data: bytes, mode: str) -> None:
    with path.open(mode) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
