"""A site as it is, as a file: for PCs that join over a slow line, or many of them on one morning.

It holds what a hub would send part by part (`Loaded`), so a station takes it as it takes those and goes on with the feed from where
it was made, however old the file is. It is compressed text, a record a line: a head, the parts in their order, and an end that says how
many they are and their hash. The thing a newcomer would get wrong: nothing of it is taken before all of it was read once, so
that a file that was cut off or changed leaves the station as it was.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice, pairwise
from pathlib import Path

import orjson
import zstandard

from core.kernel import codec
from core.kernel.codec import CodecError
from core.kernel.ids import SiteId
from core.kernel.refusal import Fault
from sync.protocol import PROTO, Loaded

FORMAT = "dockside snapshot"
_LONGEST = 64 * 1024 * 1024
"""Bytes of one record: many times what a hub makes."""


class SnapshotFault(Fault):
    """A file is no snapshot that can be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a snapshot is of."""

    format: str
    proto: int
    site: SiteId
    epoch: int
    seq: int
    """How far the feed went when it was made."""
    at: int
    """When, by the hub's clock, in milliseconds."""


@dataclass(frozen=True, slots=True)
class End:
    """What a whole snapshot ends with."""

    parts: int
    hash: bytes
    """SHA-256 of the records before."""


def write_snapshot(file: Path, site: SiteId, parts: Iterable[Loaded]) -> Head:
    """Write a site's parts, in their order, to a file; it has its name only when it is whole.

    Raises:
        OSError: the disk refuses.
    """
    made = iter(parts)
    first = next(made)
    head = Head(FORMAT, PROTO, site, first.epoch, first.seq, first.at)
    unfinished = file.with_name(f".{file.name}.part")
    try:
        with unfinished.open("wb") as raw:
            with zstandard.ZstdCompressor(level=6).stream_writer(raw, closefd=False) as out:
                digest, count = sha256(), 0
                for record in chain([head], [first], made):
                    line = codec.to_text(record).encode() + b"\n"
                    digest.update(line)
                    out.write(line)
                    count += 1
                out.write(codec.to_text(End(count - 1, digest.digest())).encode() + b"\n")
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return head


def read_head(file: Path) -> Head:
    """Return what a file is of, after all of it was read once.

    Raises:
        SnapshotFault: it is no whole snapshot, or of another version.
        OSError: it cannot be read.
    """
    digest, count, last = sha256(), -1, b""
    for line in _lines(file):
        if last:
            digest.update(last)
        count, last = count + 1, line
    head = next((_head(file, line) for line in _lines(file)), None)
    try:
        end = codec.from_text(End, last.decode())
    except (CodecError, orjson.JSONDecodeError, UnicodeDecodeError) as e:
        raise SnapshotFault(f"{file} was not written to its end") from e
    if head is None or end != End(count - 1, digest.digest()):
        raise SnapshotFault(f"{file} is damaged: it is not what was written")
    return head


def read_parts(file: Path) -> Iterator[tuple[str, Loaded]]:
    """Yield what each part is asked for by, and the part, of a file whose head was read."""
    asked = ""
    for line, _ in pairwise(islice(_lines(file), 1, None)):
        part = codec.from_text(Loaded, line.decode())
        yield asked, part
        asked = part.goes_on


def _head(file: Path, line: bytes) -> Head:
    try:
        head = codec.from_text(Head, line.decode())
    except (CodecError, orjson.JSONDecodeError, UnicodeDecodeError) as e:
        raise SnapshotFault(f"{file} is no snapshot of a site") from e
    if head.format != FORMAT:
        raise SnapshotFault(f"{file} is no snapshot of a site")
    if head.proto != PROTO:
        raise SnapshotFault(
            f"{file} was made by a hub of another version: it speaks protocol {head.proto}, not {PROTO}"
        )
    return head


def _lines(file: Path) -> Iterator[bytes]:
    """Yield the records of a file."""
    with file.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as packed:
        rest = b""
        try:
            while chunk := packed.read(1 << 20):
                *whole, rest = (rest + chunk).split(b"\n")
                yield from (line + b"\n" for line in whole)
                if len(rest) > _LONGEST:
                    raise SnapshotFault(f"{file} is no snapshot of a site")
        except zstandard.ZstdError as e:
            raise SnapshotFault(f"{file} is no snapshot of a site, or is damaged: {e}") from e
