"""What a label of the stock area says; `printing` lays it out."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLabel:
    """Goods or a parcel that must not move on until somebody has decided about it."""

    KIND: ClassVar[str] = "quarantine_label"
    VERSION: ClassVar[int] = 1

    code: str
    """What a scan of it says: the LPN, the parcel or the case. Code 128."""
    reason: str
    subject: str
    """What is inside, in one or two lines: item and quantity, or the order of a parcel."""
    destination: str
    """Where it is to be put: shelf or location."""
    site_name: str
    raised_by: str
    raised_at_text: str
    sku: str = ""
    lot: str = ""
    quantity_text: str = ""
    copy_number: int = 1
    job: str = ""
