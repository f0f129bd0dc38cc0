"""An edit that lost, made once more: what was wanted, over what stands now."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.cases.model import Case
from core.kernel import codec
from core.kernel.codec import CodecError
from core.kernel.commands import REGISTRY, Command, OpClass, Read


def edit_again(books: Read, row: Case, around: Mapping[str, Any]) -> Command | None:
    """Return the edit that a case tells of, on the base of what stands here now; None where the case tells of none.

    Args:
        books: where what stands now is read.
        row: the case.
        around: the new command's base fields.

    Raises:
        ValueError: the case has not all of the edit.
    """
    facts = codec.parse(row.facts)
    cls = REGISTRY.get(str(facts.get("kind")))
    if cls is None or cls.CLASS is not OpClass.EDIT or "wanted" not in facts:
        return None
    try:
        stamp = {name: codec.encode(value) for name, value in around.items()}
        command = codec.decode(cls, {**codec.parse(str(facts["wanted"])), **stamp})
    except (CodecError, ValueError, TypeError, KeyError) as e:
        raise ValueError("not all of the edit is there") from e
    if not hasattr(command, "base_version"):
        return command
    versions = [
        int(found.version) for kind, keys in command.reads().items() for key in keys
        if (found := books.get(kind, key)) is not None and hasattr(found, "version")
    ]  # fmt: skip
    return replace(command, base_version=max(versions, default=0))  # type: ignore[call-arg]
