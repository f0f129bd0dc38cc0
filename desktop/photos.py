"""A picture from anywhere as a photo: upright, small, a JPEG that says nothing but what is seen.

Telephones write down where and when a picture was taken, and by whose device; none of that is kept. What somebody hands over is
not believed: how large it says it is is looked at before it is unfolded, and whatever its decoder makes of it ends in a reason.
"""

import struct
import warnings
import zlib
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from core.cases.photos import LARGEST
from core.kernel.reasons import Reason
from core.kernel.refusal import Fault

LONG_SIDE = 1600
"""Pixels."""
MEGAPIXELS = 50
"""That a JPEG may have: today's telephones have as many, and only a part of them is unfolded."""
_MEGAPIXELS = {"JPEG": MEGAPIXELS, "WEBP": 12}
_MEGAPIXELS_UNFOLDED = 20
"""That another picture may have, which is unfolded whole: with as many, or those of a WebP, none takes more than 200 MB."""
FILE_MAX = 64 * 1024 * 1024
"""Bytes of a file that is looked at."""
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
_PLAIN = ("RGB", "RGBA", "L", "CMYK", "YCbCr")
_QUALITIES = (85, 75, 65, 50, 35, 20)
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, MemoryError, struct.error,
    zlib.error,
)  # fmt: skip
"""What decoders raise over bytes that are none of theirs, or not all of them."""


class NoPhoto(Fault):
    """What somebody handed over cannot be a photo."""

    def __init__(self, reason: Reason, most: int = MEGAPIXELS) -> None:
        """Say why, and how many megapixels such a picture may have."""
        super().__init__(reason.value)
        self.reason, self.most = reason, most


def photo_of(data: bytes) -> bytes:
    """Return a picture as a photo: JPEG, at most `LONG_SIDE` pixels a side and `LARGEST` bytes.

    Raises:
        NoPhoto: it is no picture, a part of one, or too large.
    """
    if len(data) > FILE_MAX:
        raise NoPhoto(Reason.PICTURE_HUGE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _encoded(_seen(data))
        except UnidentifiedImageError as e:
            raise NoPhoto(Reason.NO_PICTURE) from e
        except Image.DecompressionBombError as e:
            raise NoPhoto(Reason.PICTURE_HUGE) from e
        except _BROKEN as e:
            raise NoPhoto(Reason.PICTURE_CUT) from e


def _seen(data: bytes) -> Image.Image:
    """Return what is seen of a picture, and nothing of what is written in it."""
    with Image.open(BytesIO(data), formats=_FORMATS) as given:
        most = _MEGAPIXELS.get(given.format or "", _MEGAPIXELS_UNFOLDED)
        if given.width * given.height > most * 1_000_000:
            raise NoPhoto(Reason.PICTURE_HUGE, most)
        # Of a large JPEG only a part of its size is unfolded.
        small = given if given.mode in _PLAIN else given.convert("RGBA")
        small.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(small)
    seen = Image.new("RGB", upright.size, "white")
    if "A" in upright.getbands():
        seen.paste(upright.convert("RGB"), mask=upright.getchannel("A"))
    else:
        seen.paste(upright.convert("RGB"))
    return seen


def _encoded(seen: Image.Image) -> bytes:
    for quality in _QUALITIES:
        made = BytesIO()
        seen.save(made, "JPEG", quality=quality)
        if made.tell() <= LARGEST:
            return made.getvalue()
    raise NoPhoto(Reason.PICTURE_HUGE)
