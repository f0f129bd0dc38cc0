"""`python -m printing.pdf_process`: a PDF from outside becomes sizes and grey dots, in a process of its own.

What somebody else made may be broken on purpose, and the library that reads it is not ours: here it may be killed, take
the memory it was given or run out of time, and the station goes on. It takes one line of JSON and then the PDF, and
answers with one line of JSON and then the dots, a byte each, of every drawing of every page in turn.

    {"most_pages": 10, "dpis": [203, 406], "most_mm": 160.5}
    {"pages": [[101.6, 152.4]], "drawn": [[[812, 1218], [1624, 2436]]]}      or      {"fault": "..."}
"""

import ctypes
import json
import sys
from typing import Any

MM_PER_POINT = 25.4 / 72
_MEMORY = 1 << 30
_SECONDS = 20
_PASSWORD = 4
"""PDFium's number for a document that is locked (`FPDF_ERR_PASSWORD`)."""
_WHITE = 0xFFFFFFFF


def main() -> int:
    """Read the question, answer it."""
    _confine()
    asked = json.loads(sys.stdin.buffer.readline())
    said, drawings = _read(sys.stdin.buffer.read(), asked)
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    for each in drawings:
        sys.stdout.buffer.write(each)
    sys.stdout.buffer.flush()
    return 0


def _confine() -> None:
    """Let it have no more memory and time than a label needs, where the system knows how."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


def _read(data: bytes, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    # Only here: what takes a tenth of a second to load belongs to this process alone.
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as e:
        locked = getattr(e, "err_code", None) == _PASSWORD
        return {"fault": "is locked by a password" if locked else "is no whole PDF"}, []
    count = len(document)
    if not 1 <= count <= asked["most_pages"]:
        return {
            "fault": f"has {count} pages, a label has at most {asked['most_pages']}" if count else "has no page"
        }, []
    try:
        pages = [document[n] for n in range(count)]
    except pypdfium2.PdfiumError:
        return {"fault": "is no whole PDF"}, []
    sizes = [[side * MM_PER_POINT for side in page.get_size()] for page in pages]
    said: dict[str, Any] = {"pages": sizes, "drawn": []}
    drawings: list[bytes] = []
    if all(0 < side <= asked["most_mm"] for size in sizes for side in size):
        for page in pages:
            made = [_drawn(page, dpi) for dpi in asked["dpis"]]
            said["drawn"].append([size for size, _ in made])
            drawings += [dots for _, dots in made]
    return said, drawings


def _drawn(page: Any, dpi: int) -> tuple[list[int], bytes]:
    """Return a page's size in dots, the whole ones that come nearest, and its dots."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    width, height = (max(1, round(side * dpi / 72)) for side in page.get_size())
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    flags = pdfium.FPDF_ANNOT | pdfium.FPDF_PRINTING | pdfium.FPDF_GRAYSCALE
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
    rows = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), bitmap.stride * height)
    return [width, height], b"".join(rows[at : at + width] for at in range(0, len(rows), bitmap.stride))


if __name__ == "__main__":
    sys.exit(main())
