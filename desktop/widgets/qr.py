"""QR codes as modules, for painting: codes to scan off the screen."""

from functools import lru_cache
from typing import Any

import zxingcpp

_HALF = 128


@lru_cache(maxsize=256)
def qr_modules(content: str) -> tuple[tuple[bool, ...], ...]:
    """Return a QR code's modules, row by row, true where dark, without a quiet zone."""
    made = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image: Any = zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False)
    rows: Any = memoryview(image).tolist()
    return tuple(tuple(value < _HALF for value in row) for row in rows)
