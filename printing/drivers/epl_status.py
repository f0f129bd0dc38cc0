"""Reading an EPL2 printer's status: a list of error numbers to `^ee`, or one pushed after `US` (EPL manuals).

`00` is ready; `07` is out of paper or ribbon, `11` an open head, and anything else an error. A push may say how many labels
are still to come.
"""

import re

from printing.drivers.protocols import PrinterStatus, Trouble, judged, unknown

QUERY = b"\r\n^ee\r\n"
_LINE = re.compile(rb"^\$?(\d\d(?:,\d\d)*)((?:[PR]\d{3})*)$")
_MEANING = {b"07": Trouble.PAPER_OUT, b"11": Trouble.HEAD_OPEN}
_READY = b"00"


def is_complete(answer: bytes) -> bool:
    """Say whether a line is there."""
    return answer.endswith(b"\n") and bool(answer.strip())


def parse(answer: bytes) -> PrinterStatus:
    """Return what a line says."""
    if not answer.strip():
        return unknown(Trouble.SILENT)
    found = _LINE.match(answer.strip())
    if found is None or not answer.endswith(b"\n"):
        return unknown(Trouble.UNREADABLE)
    codes = [code for code in found[1].split(b",") if code != _READY]
    counts = [int(each) for each in re.findall(rb"\d{3}", found[2])]
    return judged(*(_MEANING.get(code, Trouble.ERROR) for code in codes), remaining=max(counts, default=0))
