"""Messages as bytes: canonical JSON and its hash, packed where that pays, with a limit on what is unpacked.

The last that a message says is the SHA-256 of all before it. Operations and rows of the feed have hashes of their own; what is
said beside them (an epoch, a cursor and its hash, how long a log is) has none, and there a single bent bit would tell a hub that
it was set back. Against somebody who writes the hash anew it is no help: that takes signatures.
"""

from hashlib import sha256
from typing import TypeVar

import zstandard

from core.kernel import codec
from core.kernel.refusal import Fault
from sync.protocol import Carried, Carry

M = TypeVar("M")

PACKED = "zstd"
"""The value of Content-Encoding of a packed message."""
_PACK_FROM = 1024
"""Bytes from which on packing pays."""
UNPACKED_MAX = 8 * 1024 * 1024
"""Bytes a message may have once unpacked."""
_LEVEL = -3
_LEVEL_OF_PHOTOS = 1
"""Their bytes are hex: nothing repeats, and only a level that counts how often each digit comes makes half of them."""


class NotReadable(Fault):
    """What came is no message of ours."""


def to_bytes(message: object) -> tuple[bytes, bool]:
    """Return a message's bytes, and whether they are packed."""
    text = codec.to_text(message).encode()
    plain = text[:-1] + _end(text)
    if len(plain) < _PACK_FROM:
        return plain, False
    level = _LEVEL_OF_PHOTOS if isinstance(message, Carry | Carried) else _LEVEL
    return zstandard.ZstdCompressor(level=level).compress(plain), True


def from_bytes(kind: type[M], data: bytes, *, packed: bool) -> M:
    """Return the message that bytes are.

    Raises:
        NotReadable: they are too long unpacked, broken off, bent, or no message of that kind.
    """
    try:
        plain = _unpacked(data) if packed else data
        if len(plain) > UNPACKED_MAX:
            raise NotReadable(f"a message of more than {UNPACKED_MAX} bytes")
        text = plain[:-_END] + b"}"
        if plain[-_END:] != _end(text):
            raise NotReadable(f"a {kind.__name__} that is not what its hash says")
        return codec.from_text(kind, text.decode())
    except (zstandard.ZstdError, ValueError, KeyError, TypeError) as e:
        raise NotReadable(f"no {kind.__name__}: {str(e)[:200]}") from e


def _end(text: bytes) -> bytes:
    """Return what a message of this text ends with."""
    return b',"sha256":"%b"}' % sha256(text).hexdigest().encode()


_END = len(_end(b""))


def _unpacked(data: bytes) -> bytes:
    """Unpack what says how long it is, and no more than is allowed."""
    size = zstandard.frame_content_size(data)
    if not 0 <= size <= UNPACKED_MAX:
        raise NotReadable(f"a packed message that says it has {size} bytes")
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=UNPACKED_MAX)
