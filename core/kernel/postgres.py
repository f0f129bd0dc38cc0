"""Lists of a column's values as PostgreSQL's wire takes them: the driver asks every value how it is written, one by one.

A list's bytes are (PostgreSQL manual, 55.2 and `array_send` of its source) five numbers of four bytes: dimensions, whether
there are nulls, the elements' type, how many, the first one's index; then each value with its length in front, or a
length of -1 for none.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any, ClassVar

from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.pq import Format

from core.kernel.statements import Blobs, Numbers, Words

_HEAD = Struct(">iiIii").pack
_NUMBER = Struct(">q").pack
_LENGTH = Struct(">i").pack
_NONE = _LENGTH(-1)


class _ListDumper(Dumper):
    format = Format.BINARY
    element: ClassVar[int]

    def dump(self, obj: Any) -> bytes:
        """Return a list's bytes."""
        values = [None if value is None else self.plain(value) for value in obj]
        return _HEAD(1, int(None in values), self.element, len(values), 1) + _joined(values)

    def plain(self, value: Any) -> bytes:
        """Return a value's bytes."""
        raise NotImplementedError


class NumbersDumper(_ListDumper):
    """Integers, eight bytes each."""

    oid, element = 1016, 20

    def plain(self, value: Any) -> bytes:
        """Return a number's bytes."""
        return _NUMBER(value)


class WordsDumper(_ListDumper):
    """Texts as UTF-8."""

    oid, element = 1009, 25

    def plain(self, value: Any) -> bytes:
        """Return a text's bytes."""
        return str(value).encode()


class BlobsDumper(_ListDumper):
    """Bytes as they are."""

    oid, element = 1001, 17

    def plain(self, value: Any) -> bytes:
        """Return them."""
        return bytes(value)


def _joined(values: Sequence[bytes | None]) -> bytes:
    """Return each value behind its length."""
    present = [value for value in values if value is not None]
    if len(present) == len(values) and len(set(map(len, present))) == 1:
        # Ids and numbers are all of a length: what stands between them is too.
        between = _LENGTH(len(present[0]))
        return between + between.join(present)
    return b"".join(_NONE if value is None else _LENGTH(len(value)) + value for value in values)


for _kind, _dumper in ((Numbers, NumbersDumper), (Words, WordsDumper), (Blobs, BlobsDumper)):
    adapters.register_dumper(_kind, _dumper)
