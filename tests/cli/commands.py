"""Running commands as a person would, and looking at what they said and left behind."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.kernel.database import open_station
from core.kernel.home import Home
from core.kernel.tables import metadata
from desktop.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """Return the last JSON object it printed."""
        return dict(json.loads(self.out.splitlines()[-1]))


class Shell:
    """Runs commands in this process on one home."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._capsys = home, capsys

    def __call__(self, *words: object) -> Said:
        self._capsys.readouterr()
        code = main([*map(str, words), "--home", str(self.home)])
        out, err = self._capsys.readouterr()
        return Said(code, out, err)


def started(words: Sequence[object], home: Path, **options: Any) -> "subprocess.Popen[str]":
    """Start a command in a process of its own."""
    command = [sys.executable, "-m", "desktop.cli", *map(str, words), "--home", str(home)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def contents(home: Path) -> str:
    """Return a hash of every row of every table of a home."""
    place = Home(home)
    database = open_station(place.database, place.key())
    digest = hashlib.sha256()
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            digest.update(table.name.encode())
            rows = sorted(repr(tuple(row)) for row in connection.execute(table.select()))
            digest.update("\n".join(rows).encode("utf-8", "replace"))
    database.dispose()
    return digest.hexdigest()
