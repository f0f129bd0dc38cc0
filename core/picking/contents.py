"""What a cart prints, as content: the slip that lies on top of the goods in a tote.

The one thing to know: it speaks to a bench that has not heard of the picks yet. Its code says everything; the words are
there so that a person sees which tote it belongs to.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSlip:
    """What is in one tote, for a bench that the news may not have reached."""

    KIND: ClassVar[str] = "fill_slip"
    VERSION: ClassVar[int] = 1

    code: str
    """The fill code."""
    tote: str
    order_number: str
    batch_number: int
    slot: int
    units: int
    lines: tuple[str, ...]
    """*2 x MUG-BL*, the first few of them."""
    number: int
    """Which word about this fill it is: a slip with a lower number is void."""
    site_name: str = ""
    copy_number: int = 1
    job: str = ""
