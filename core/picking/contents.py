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


@dataclass(frozen=True, slots=True, kw_only=True)
class PickStop:
    """Units of one item at one place."""

    location: str
    sku: str
    description: str
    quantity: int
    variant: str = ""
    lot: str = ""
    serial: str = ""
    slots_text: str = ""
    """Into which slots how many go: `1: 2   3: 1`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickList:
    """A walk on paper."""

    KIND: ClassVar[str] = "pick_list"
    VERSION: ClassVar[int] = 1

    batch_number: int
    stops: tuple[PickStop, ...]
    """In the order of the walk."""
    units: int
    cart: str = ""
    cut_off_text: str = ""
    site_name: str = ""
    printed_at_text: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorItem:
    """One order to look for."""

    order_number: str
    what: str
    """What was known of it last, in words."""
    line: str
    """As the answer names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorList:
    """Orders to look for, since whoever had them cannot say what became of them."""

    KIND: ClassVar[str] = "floor_list"
    VERSION: ClassVar[int] = 1

    lines: tuple[FloorItem, ...]
    site_name: str = ""
    printed_at_text: str = ""
    copy_number: int = 1
    job: str = ""
