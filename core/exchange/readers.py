"""Rows out of files: CSV (also .gz and .xz), XLSX and JSON lines, one after another, with limits on everything.

A reader yields `(line number, values)`; the header is the first row. Whatever is wrong with the file as a whole ends in
one `FileFault` that names file, line and reason.
"""

import codecs
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from core.exchange.report import FileFault

LINE_MAX = 1_000_000
"""Characters a line may have."""
FILE_MAX = 4_000_000_000
"""Bytes a file may have once unpacked."""
SHEET_MAX = 512_000_000
"""Bytes an XLSX part may have once unpacked."""
RATIO_MAX = 200
"""How many times smaller than its content a part of an XLSX may be."""

Rows = Iterator[tuple[int, Sequence[str]]]


def read_rows(path: Path, *, encoding: str, delimiter: str, sheet: str = "") -> tuple[list[str], Rows]:
    """Return a file's header and an iterator over its rows.

    Args:
        path: the file; its ending says the format.
        encoding: of text files.
        delimiter: of CSV files.
        sheet: of XLSX files; the first when empty.

    Raises:
        FileFault: the file cannot be read.
    """
    name = path.name
    if path.is_dir():
        raise FileFault(name, "is a folder, not a file")
    if not path.exists():
        raise FileFault(name, "does not exist")
    if path.suffix.lower() == ".xlsx":
        rows = _sheet_rows(path, sheet)
    elif path.suffix.lower() in (".jsonl", ".ndjson"):
        return _json_rows(path, encoding)
    else:
        rows = _csv_rows(path, encoding, delimiter)
    try:
        _, header = next(rows)
    except StopIteration:
        raise FileFault(name, "is empty") from None
    names = [each.strip() for each in header]
    twice = {each for each in names if each and names.count(each) > 1}
    if twice:
        raise FileFault(name, "names a column twice", line=1, column=min(twice))
    return names, rows


def _opened(path: Path) -> IO[bytes]:
    try:
        match path.suffix.lower():
            case ".gz":
                return cast("IO[bytes]", gzip.open(path, "rb"))
            case ".xz":
                return lzma.open(path, "rb")
            case _:
                return path.open("rb")
    except OSError as e:
        raise FileFault(path.name, f"cannot be opened: {e.strerror or e}") from e


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield a text file's lines with their ends.

    Raises:
        FileFault: a line is too long, holds NUL, or is not in the encoding.
    """
    try:
        codecs.lookup(encoding)
    except LookupError as e:
        raise FileFault(path.name, f"has an encoding nobody knows: {encoding}") from e
    number, size = 0, 0
    with _opened(path) as raw:
        binary = io.BufferedReader(raw, 1 << 16) if not isinstance(raw, io.BufferedReader) else raw  # type: ignore[type-var]
        wide = encoding.lower().replace("_", "-").startswith("utf-16")
        if wide:
            yield from _wide_lines(path, binary, encoding)
            return
        while True:
            try:
                line = binary.readline(LINE_MAX + 1)
            except (OSError, EOFError, lzma.LZMAError) as e:
                raise FileFault(path.name, f"is damaged: {e}", line=number + 1) from e
            if not line:
                return
            number, size = number + 1, size + len(line)
            if len(line) > LINE_MAX:
                raise FileFault(path.name, f"has a line longer than {LINE_MAX} characters", line=number)
            if size > FILE_MAX:
                raise FileFault(path.name, f"is larger than {FILE_MAX} bytes once unpacked", line=number)
            if b"\x00" in line:
                column = line[: line.index(b"\x00")].count(b",") + 1
                raise FileFault(path.name, "holds a NUL byte", line=number, column=str(column))
            if number == 1 and line.startswith(codecs.BOM_UTF8):
                line = line[3:]
            try:
                yield line.decode(encoding)
            except UnicodeDecodeError as e:
                raise FileFault(
                    path.name,
                    f"is not {encoding}: byte {e.start + 1} of the line is 0x{line[e.start]:02x}",
                    line=number,
                ) from e


def _wide_lines(path: Path, binary: IO[bytes], encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(binary, encoding=encoding, newline="")
    number = 0
    try:
        while line := text.readline(LINE_MAX + 1):
            number += 1
            if len(line) > LINE_MAX:
                raise FileFault(path.name, f"has a line longer than {LINE_MAX} characters", line=number)
            yield line.lstrip("\ufeff") if number == 1 else line
    except UnicodeError as e:
        raise FileFault(path.name, f"is not {encoding}: {e}", line=number + 1) from e


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Rows:
    csv.field_size_limit(LINE_MAX)
    reader = csv.reader(_lines(path, encoding), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as e:
        raise FileFault(path.name, f"is not CSV: {e}", line=reader.line_num) from e


def _json_rows(path: Path, encoding: str) -> tuple[list[str], Rows]:
    """Return the names of the first object and every object's values in that order."""
    lines = enumerate(_lines(path, encoding), start=1)
    found: list[str] = []

    def objects() -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in lines:
            if not line.strip():
                continue
            try:
                data = json.loads(line)
            except ValueError as e:
                raise FileFault(path.name, f"is not JSON: {e}", line=number) from e
            if not isinstance(data, dict):
                raise FileFault(path.name, "a line is not an object", line=number)
            yield number, data

    made = objects()
    try:
        first_number, first = next(made)
    except StopIteration:
        raise FileFault(path.name, "is empty") from None
    found.extend(first)

    def rows() -> Rows:
        yield first_number, [_text(first.get(name)) for name in found]
        for number, data in made:
            unknown = [name for name in data if name not in found]
            if unknown:
                raise FileFault(path.name, "names a field the first line has not", line=number, column=unknown[0])
            yield number, [_text(data.get(name)) for name in found]

    return found, rows()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return repr(value)
    return str(value)


def _sheet_rows(path: Path, sheet: str) -> Rows:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _check_parts(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as e:
        raise FileFault(path.name, f"is not a readable XLSX: {e}") from e
    try:
        if sheet and sheet not in book.sheetnames:
            raise FileFault(path.name, f"has no sheet {sheet!r}, it has {', '.join(book.sheetnames)}")
        page = book[sheet] if sheet else book[book.sheetnames[0]]
        for number, cells in enumerate(page.iter_rows(values_only=True), start=1):
            values = [_cell(path, number, index, each) for index, each in enumerate(cells)]
            if any(values):
                yield number, values
    except (ValueError, KeyError, zipfile.BadZipFile, SyntaxError, EOFError) as e:
        raise FileFault(path.name, f"is damaged: {e}") from e
    finally:
        book.close()


def _cell(path: Path, number: int, index: int, value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat(sep=" ")) if hasattr(value, "hour") and hasattr(value, "year") else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = _text(value)
    if "\x00" in text or len(text) > LINE_MAX:
        raise FileFault(path.name, "a cell holds what no cell may", line=number, column=str(index + 1))
    return text


def _check_parts(path: Path) -> None:
    """Refuse an XLSX that is cut off, or small outside and huge inside."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as e:
        raise FileFault(path.name, f"is not a readable XLSX: {e}") from e
    for part in parts:
        ratio = part.file_size // max(1, part.compress_size)
        if part.file_size > SHEET_MAX or (ratio > RATIO_MAX and part.file_size > 10_000_000):
            raise FileFault(path.name, f"unpacks to {part.file_size} bytes in {part.filename}: refused")
