"""Rows out of files: CSV (also .gz and .xz), XLSX and JSON lines, one after another, with limits on everything.

A reader yields `(line number, values)`; the header is the first row. Whatever is wrong with the file as a whole ends in
one `UnreadableFile` that names file, line and reason.
"""

import codecs
import csv
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from core.exchange.report import FileProblem, UnreadableFile

LINE_MAX = 1_000_000
"""Characters a line may have."""
FILE_MAX = 4_000_000_000
"""Bytes a file may have once unpacked."""
SHEET_MAX = 512_000_000
"""Bytes an XLSX part may have once unpacked."""
RATIO_MAX = 200
"""How many times smaller than its content a packed file, or a part of an XLSX, may be."""
UNSUSPICIOUS = 100_000_000
"""Bytes that a packed file may unpack to, however small it is."""
EMPTY_MAX = 100_000
"""Empty lines that may follow each other."""
NAMES_MAX = 1_000
"""Columns a file may have."""
_BLOCK = 1 << 16
"""Bytes that are read together."""
MARK = "\x01"
"""How a value begins that cannot be one of ours, whatever it says."""
FORMULA = f"{MARK}="
"""How the value of a cell begins that holds a formula and no result."""

Rows = Iterator[tuple[int, Sequence[str]]]


def read_rows(path: Path, *, encoding: str, delimiter: str, sheet: str = "") -> tuple[list[str], Rows]:
    """Return a file's header and an iterator over its rows.

    Args:
        path: the file; its ending says the format.
        encoding: of text files.
        delimiter: of CSV files.
        sheet: of XLSX files; the first when empty.

    Raises:
        UnreadableFile: the file cannot be read.
    """
    _check_kind(path)
    if path.suffix.lower() == ".xlsx":
        rows = _sheet_rows(path, sheet)
    elif _inner_suffix(path) in (".jsonl", ".ndjson"):
        return _json_rows(path, encoding)
    else:
        rows = _csv_rows(path, encoding, delimiter)
    try:
        first, header = next(rows)
    except StopIteration:
        raise UnreadableFile(path.name, FileProblem.EMPTY) from None
    names = [each.strip() for each in header]
    twice = {each for each in names if each and names.count(each) > 1}
    if twice:
        raise UnreadableFile(path.name, FileProblem.COLUMN_TWICE, line=first, column=min(twice))
    if len(names) > NAMES_MAX:
        raise UnreadableFile(path.name, FileProblem.TOO_MANY_COLUMNS, line=first, count=len(names), most=NAMES_MAX)
    return names, rows


def is_text_encoding(name: str) -> bool:
    """Return whether a name is one of an encoding of text, not of a codec from bytes to bytes."""
    try:
        return bool(name) and name.isascii() and "a".encode(name) is not None
    except (LookupError, UnicodeError, ValueError):
        return False


def _check_kind(path: Path) -> None:
    try:
        if path.is_dir():
            raise UnreadableFile(path.name or str(path), FileProblem.FOLDER)
        if not path.exists():
            raise UnreadableFile(path.name, FileProblem.MISSING)
        if not path.is_file():
            raise UnreadableFile(path.name, FileProblem.NO_FILE)
    except OSError as e:
        raise UnreadableFile(path.name[:100], FileProblem.NOT_OPENED, why=e.strerror or str(e)) from e


def _inner_suffix(path: Path) -> str:
    """Return a file's ending, without the one that says it is packed."""
    packed = path.suffix.lower() in (".gz", ".xz")
    return (path.with_suffix("") if packed else path).suffix.lower()


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
        raise UnreadableFile(path.name, FileProblem.NOT_OPENED, why=e.strerror or str(e)) from e


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield a text file's lines with their ends.

    Raises:
        UnreadableFile: a line is too long, holds NUL, or is not in the encoding; or the file is a packed bomb.
    """
    return chain.from_iterable(_blocks(path, encoding))


def _blocks(path: Path, encoding: str) -> Iterator[list[str]]:
    """Yield lines by blocks: what is asked of every line costs less than the line does where it is asked of many."""
    if not is_text_encoding(encoding):
        raise UnreadableFile(path.name, FileProblem.UNKNOWN_ENCODING, encoding=encoding)
    packed = path.suffix.lower() in (".gz", ".xz")
    largest = max(UNSUSPICIOUS, path.stat().st_size * RATIO_MAX) if packed else FILE_MAX
    with _opened(path) as raw:
        binary = io.BufferedReader(raw, _BLOCK) if not isinstance(raw, io.BufferedReader) else raw  # type: ignore[type-var]
        blocks = _wide_blocks if _is_wide(encoding) else _byte_blocks
        number, size, empty = 0, 0, 0
        try:
            for lines in blocks(path, binary, encoding):
                lengths = list(map(len, lines))
                size += sum(lengths)
                for n, line in enumerate(lines if min(lengths) <= 2 else lines[-1:], start=1):
                    empty = empty + 1 if len(line) <= 2 and not line.strip() else 0
                    if empty > EMPTY_MAX:
                        raise UnreadableFile(path.name, FileProblem.EMPTY_LINES, line=number + n, most=EMPTY_MAX)
                number += len(lines)
                if size > largest:
                    raise UnreadableFile(path.name, FileProblem.BOMB, line=number, size=largest)
                yield lines
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as e:
            raise UnreadableFile(path.name, FileProblem.DAMAGED, line=number + 1, why=str(e)) from e


_WIDE = (
    (codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)  # fmt: skip
"""How a file begins that is written in a wide encoding; the longer marks first, which begin like the shorter."""


def _is_wide(encoding: str) -> bool:
    """Return whether a line's end is more than one byte."""
    return len("\n".encode(encoding)) > 1


def _byte_blocks(path: Path, binary: IO[bytes], encoding: str) -> Iterator[list[str]]:
    number = 0
    while block := binary.read(_BLOCK):
        # A block ends where a line does.
        rest = binary.readline(LINE_MAX + 1)
        if len(block) - block.rfind(b"\n") - 1 + len(rest) > LINE_MAX:
            long = number + block.count(b"\n") + 1
            raise UnreadableFile(path.name, FileProblem.LONG_LINE, line=long, most=LINE_MAX)
        block += rest
        if number == 0:
            found = next((name for mark, name in _WIDE if block.startswith(mark)), "")
            if found:
                raise UnreadableFile(path.name, FileProblem.WIDE, line=1, found=found, encoding=encoding)
            block = block.removeprefix(codecs.BOM_UTF8)
        at = block.find(b"\x00")
        if at >= 0:
            line, before = _place(block, at)
            column = str(before.count(b",") + 1)
            raise UnreadableFile(path.name, FileProblem.NUL, line=number + line, column=column)
        try:
            text = block.decode(encoding)
        except UnicodeError as e:
            line, why = 1, str(e)
            if isinstance(e, UnicodeDecodeError):
                line, before = _place(block, e.start)
                why = f"byte {len(before) + 1} of the line is 0x{block[e.start]:02x}"
            raise UnreadableFile(path.name, FileProblem.ENCODING, line=number + line, encoding=encoding, why=why) from e
        lines = io.StringIO(text, newline="\n").readlines()
        number += len(lines)
        yield lines


def _place(block: bytes, at: int) -> tuple[int, bytes]:
    """Return which line of a block a byte stands in, counted from 1, and what of the line stands before it."""
    return block.count(b"\n", 0, at) + 1, block[block.rfind(b"\n", 0, at) + 1 : at]


def _wide_blocks(path: Path, binary: IO[bytes], encoding: str) -> Iterator[list[str]]:
    text = io.TextIOWrapper(binary, encoding=encoding, newline="")
    number = 0
    try:
        while line := text.readline(LINE_MAX + 1):
            number += 1
            if len(line) > LINE_MAX:
                raise UnreadableFile(path.name, FileProblem.LONG_LINE, line=number, most=LINE_MAX)
            if "\x00" in line:
                raise UnreadableFile(path.name, FileProblem.NUL, line=number)
            yield [line.lstrip("\ufeff") if number == 1 else line]
    except UnicodeError as e:
        raise UnreadableFile(path.name, FileProblem.ENCODING, line=number + 1, encoding=encoding, why=str(e)) from e


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Rows:
    csv.field_size_limit(LINE_MAX)
    reader = csv.reader(_lines(path, encoding), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as e:
        why = "a line ends in a carriage return alone" if "new-line character" in str(e) else str(e)
        raise UnreadableFile(path.name, FileProblem.NOT_CSV, line=reader.line_num, why=why) from e


def _json_rows(path: Path, encoding: str) -> tuple[list[str], Rows]:
    """Return every name that an object of the file has, and every object's values in that order."""
    names: dict[str, None] = {}
    empty = True
    for number, data in _objects(path, encoding):
        empty = False
        names.update(dict.fromkeys(data))
        if len(names) > NAMES_MAX:
            raise UnreadableFile(path.name, FileProblem.TOO_MANY_COLUMNS, line=number, count=len(names), most=NAMES_MAX)
    if empty:
        raise UnreadableFile(path.name, FileProblem.EMPTY)
    found = list(names)
    return found, ((number, [_text(data.get(name)) for name in found]) for number, data in _objects(path, encoding))


def _objects(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_lines(path, encoding), start=1):
        if not line.strip():
            continue
        try:
            # Numbers stay as they are written: no digit is lost, and none is too many.
            data = json.loads(line, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_named_once)
        except RecursionError as e:
            raise UnreadableFile(path.name, FileProblem.NOT_JSON, line=number, why="it is nested too deeply") from e
        except json.JSONDecodeError as e:
            why = f"{e.msg}, character {e.pos + 1}"
            raise UnreadableFile(path.name, FileProblem.NOT_JSON, line=number, why=why) from e
        except ValueError as e:
            raise UnreadableFile(path.name, FileProblem.NOT_JSON, line=number, why=str(e)) from e
        if not isinstance(data, dict):
            raise UnreadableFile(path.name, FileProblem.NO_OBJECT, line=number)
        yield number, data


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object by its names.

    Raises:
        ValueError: a name stands in it twice: nobody knows which value counts.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"it names {next(name for name in names if names.count(name) > 1)!r} twice")
    return made


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict | list):
        return MARK + json.dumps(value, ensure_ascii=False)
    return str(value)


def _sheet_rows(path: Path, sheet: str) -> Rows:
    """Yield a sheet's rows as its cells show them; a formula without a result is given as itself, marked."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _check_parts(path)
    with ExitStack() as stack:
        try:
            books = [
                stack.enter_context(closing(openpyxl.load_workbook(path, read_only=True, data_only=shown)))
                for shown in ((True, False) if _has_formulas(path) else (True,))
            ]
            if not books[0].worksheets or (sheet and sheet not in books[0].sheetnames):
                raise UnreadableFile(
                    path.name, FileProblem.NO_SHEET, sheet=sheet, sheets=", ".join(books[0].sheetnames)
                )
            name = sheet or books[0].worksheets[0].title
            pages = [book[name].iter_rows(values_only=True) for book in books]
            for number, rows in enumerate(zip(*pages, strict=True), start=1):
                values = [_cell(path, number, index, each) for index, each in enumerate(zip(*rows, strict=True))]
                if any(values):
                    yield number, values
        except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, EOFError,
                zipfile.BadZipFile, zlib.error, SyntaxError, NotImplementedError) as e:  # fmt: skip
            raise UnreadableFile(path.name, FileProblem.NOT_XLSX, why=str(e)) from e


def _cell(path: Path, number: int, index: int, shown: tuple[object, ...]) -> str:
    value = shown[0]
    if value is None and isinstance(shown[-1], str) and shown[-1].startswith("="):
        return FORMULA + shown[-1][1:]
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = _text(value)
    if "\x00" in text or len(text) > LINE_MAX:
        raise UnreadableFile(path.name, FileProblem.BAD_CELL, line=number, column=str(index + 1))
    return text


def _check_parts(path: Path) -> None:
    """Refuse an XLSX that is cut off or locked, or small outside and huge inside."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as e:
        raise UnreadableFile(path.name, FileProblem.NOT_XLSX, why=str(e)) from e
    for part in parts:
        ratio = part.file_size // max(1, part.compress_size)
        if part.file_size > SHEET_MAX or (ratio > RATIO_MAX and part.file_size > 10_000_000):
            raise UnreadableFile(path.name, FileProblem.BOMB, size=part.file_size)
    if sum(part.file_size for part in parts) > SHEET_MAX:
        raise UnreadableFile(path.name, FileProblem.BOMB, size=SHEET_MAX)


def _has_formulas(path: Path) -> bool:
    """Return whether a cell of any sheet holds a formula: reading both what it says and what it shows costs double."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                with archive.open(name) as part:
                    before = b""
                    while chunk := part.read(1 << 20):
                        if b"<f>" in before + chunk or b"<f " in before + chunk or b"<f/" in before + chunk:
                            return True
                        before = chunk[-2:]
    return False
