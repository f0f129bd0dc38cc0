"""What each version of the protocol said, word for word: a file for each, which every later program must read as long as it takes that version."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import core.everything  # noqa: F401  messages name types of every module
from core.kernel import codec
from sync import protocol
from tests.commands import example_record

FOLDER = Path(__file__).parent / "messages"
MESSAGES: dict[str, type[Any]] = {
    each.__name__: each for each in vars(protocol).values()
    if isinstance(each, type) and is_dataclass(each) and "proto" in {field.name for field in fields(each)}
}  # fmt: skip
"""Every message by its name."""


def frozen_messages() -> Iterator[str]:
    """Yield what the file of this program's version holds: a line for each message."""
    for name, kind in sorted(MESSAGES.items()):
        yield codec.canonical(
            {"message": name, "says": codec.parse(codec.to_text(replace(example_record(kind), proto=protocol.PROTO)))}
        )


__all__ = ["FOLDER", "MESSAGES", "frozen_messages"]
