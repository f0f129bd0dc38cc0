"""What a badge says; `printing` lays it out. Its code is a secret: it is in no table and in nothing that is kept."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeLabel:
    """A person's badge, in the size of a card."""

    KIND: ClassVar[str] = "badge_label"
    VERSION: ClassVar[int] = 1

    code: str
    name: str
    role: str = ""
    site_name: str = ""
    copy_number: int = 1
    job: str = ""
