"""Files that nobody means well with, forty of each kind: each ends in a report or one sentence, never half done."""

import gzip
import io
import lzma
import os
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from core.exchange.imports import Importer
from core.exchange.mapping import KINDS
from core.exchange.report import FileFault, Report
from core.exchange.verify import verify_all
from core.kernel.operations import Operation
from core.kernel.tables import sql_of
from desktop.assembly import Assembly, assembled
from tests.homes import copy_home

ROWS = {
    "items": ("sku,description,barcode,lot_control,weight_g,inner_quantity", "TEA,Tea,4006381333931,0,250,6"),
    "locations": ("code,zone,role,sequence", "Z-01,Z,pick,1"),
    "stock": ("sku,location,lot,expiry,serial,condition,quantity", "SOAP-OLIV,IN-01,,,,good,40"),
    "orders": ("channel,order,line,sku,quantity,unit_price,ordered_at,name,priority",
               "web,N-1,1,SOAP-OLIV,2,1.5,2025-12-16T09:00:00,Ann,0"),
    "people": ("badge,name,roles,pin,language,preset,active", "BADGE-NEW,Kim,packer lead,2580,en,first_day,1"),
    "containers": ("code,kind,slots,max_weight_g,volume_ml", "CART-NEW,cart,6,120000,360000"),
    "boxes": ("code,name,length_mm,width_mm,height_mm,tare_g,max_weight_g,carrier", "X1,Box X1,200,150,100,90,10000,"),
    "deliveries": ("delivery,owner,supplier,sku,quantity", "D-1,,Potter & Son,SOAP-OLIV,12"),
}  # fmt: skip
ALIKE = (
    "=1+1", "-1", "1.5", "1e9", "1e400", "NaN", "Infinity", "9" * 30, "9" * 5000, "٣", "NULL", "'; DROP TABLE item;--",
    "../../etc/passwd", "WMS-OK", "\u202e\u200b", "\x07\x1b[31m", "x" * 3000, "e" + "\u0301" * 500, "2025-02-30",
)  # fmt: skip
"""Values that every column of a row says."""


def _texts(head: str, row: str) -> Iterator[tuple[str, bytes]]:
    whole = f"{head}\n{row}\n"
    for n, value in enumerate(ALIKE):
        yield f"alike{n}.csv", f"{head}\n{','.join(value for _ in head.split(','))}\n".encode()
    yield "utf16.csv", whole.encode("utf-16")
    yield "utf32.csv", whole.encode("utf-32")
    yield "latin.csv", whole.replace(",", "\xe9,").encode("latin-1")
    yield "return.csv", whole.replace("\n", "\r").encode()
    yield "bom.csv", b"\xef\xbb\xbf" + whole.encode()
    yield "nul.csv", whole.replace(",", "\0,").encode()
    yield "quote.csv", f'{head}\n"{row}\n'.encode()
    yield "long.csv", head.encode() + b"\n" + b"x" * 1_100_000
    yield "short.csv", f"{head}\n{row.split(',')[0]}\n".encode()
    yield "surplus.csv", f"{head}\n{row},a,b\n".encode()
    yield "twice.csv", f"{head}\n{row}\n{row}\n{row},\n".encode()
    yield "semicolon.csv", whole.replace(",", ";").encode()
    yield "nothing.csv", b""
    yield "header.csv", head.encode()
    yield "page.csv", b"<html><body>404</body></html>"
    yield "noise.csv", bytes(range(256)) * 40


def _packed(head: str, row: str) -> Iterator[tuple[str, bytes]]:
    whole = f"{head}\n{row}\n".encode()
    yield "false.csv.gz", whole
    yield "cut.csv.gz", gzip.compress(whole * 50)[:-20]
    yield "bomb.csv.gz", gzip.compress(head.encode() + (b"\n" + b"x" * 900_000) * 120, compresslevel=1)
    yield "false.csv.xz", whole
    yield "cut.csv.xz", lzma.compress(whole * 50)[:-20]
    yield "false.xlsx", whole
    sheet = io.BytesIO()
    book = openpyxl.Workbook()
    for line in (head.split(","), ["=A1"] * len(head.split(","))):
        book.active.append(line)
    book.save(sheet)
    yield "formulas.xlsx", sheet.getvalue()
    yield "cut.xlsx", sheet.getvalue()[: sheet.tell() // 2]
    yield "bomb.xlsx", _large_book()
    yield "deep.jsonl", b"[" * 100_000
    yield "list.jsonl", b"[1]\n"
    yield "nested.jsonl", b"{%s}\n" % b",".join(b'"%s": {"a": 1}' % name.encode() for name in head.split(","))
    yield "surrogate.jsonl", b"{%s}\n" % b",".join(b'"%s": "\\ud800"' % name.encode() for name in head.split(","))


@cache
def _large_book() -> bytes:
    """Return a small file that says a lot, of whatever kind."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return bomb.getvalue()


@pytest.fixture(scope="module")
def it(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assembly]:
    home = copy_home(sample_home, tmp_path_factory.mktemp("nasty") / "home")
    with assembled(home) as assembly:
        yield assembly


def _operations(it: Assembly) -> int:
    with it.database.reading() as connection:
        return int(connection.execute(sa.select(sa.func.max(sql_of(Operation).c.position))).scalar_one())


def _read(it: Assembly, kind: str, path: Path) -> Report | FileFault:
    with it.database.reading() as reader:
        importer = Importer(
            site=it.identity.site, reader=reader, submit=it.writer.submit_background, clock=it.clock, ids=it.ids
        )
        try:
            return importer.run(kind, path, "dockside")
        except FileFault as fault:
            return fault


@pytest.mark.parametrize("kind", KINDS)
def test_a_nasty_file_is_told_and_leaves_everything_as_it_was(it: Assembly, tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "folder.csv").mkdir()
    files = {name: data for each in (_texts, _packed) for name, data in each(*ROWS[kind])}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    names = [*files, "pipe.csv", "loop.csv", "folder.csv", "gone.csv"]
    assert len(names) >= 50

    for name in names:
        before = _operations(it)
        said = _read(it, kind, tmp_path / name)
        if isinstance(said, FileFault):
            assert name in str(said)
            assert "\n" not in str(said), name
            assert _operations(it) == before, name
        else:
            assert said.documents == said.imported + said.unchanged + said.skipped + said.rejected, name
            assert all(entry.line or entry.value for entry in said.entries), name
            if not said.imported:
                assert _operations(it) == before, name

    with it.database.reading() as connection:
        assert [str(each) for each in verify_all(connection)] == []
