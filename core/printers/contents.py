"""What labels about a printer itself say; `printing` lays them out."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class DarknessLadder:
    """Labels that are printed ever darker; whoever sets up a printer scans the sharpest."""

    KIND: ClassVar[str] = "darkness_ladder"
    VERSION: ClassVar[int] = 1

    language: str
    """What the printer is sent: its numbers are the language's own."""
    printer: str = ""
    """What stands on the printer."""
    copy_number: int = 1
    job: str = ""
