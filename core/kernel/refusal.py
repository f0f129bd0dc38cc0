"""The three kinds of 'no': a refusal is a value, a fault is a status, a bug is a crash.

A `Refusal` carries a reason and the facts a sentence needs; the words are `desktop/messages.py`. Reasons are one
enumeration for the whole core, so that no reason can be without words in any language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.kernel.reasons import Reason

_NO_FACTS: Mapping[str, str | int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A 'no' that the operator can act on: nothing was written but one gesture row."""

    reason: Reason
    facts: Mapping[str, str | int] = field(default_factory=lambda: _NO_FACTS)
    """What the sentence needs: expected and got, codes, quantities. Flat, text and whole numbers only."""

    def __hash__(self) -> int:
        """Hash by reason and facts, so that states holding a refusal stay hashable."""
        return hash((self.reason, tuple(sorted(self.facts.items()))))


class Bug(Exception):
    """An impossible state was reached: the station returns to its last committed state and files a report."""


class Fault(Exception):
    """An operating error outside the program (disk, port, paper, network); becomes a status, never blocks a flow."""
