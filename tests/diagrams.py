"""The diagram at the head of a flow, compared with where the flow goes: drawn arrows against walked ones."""

import re
from types import ModuleType
from typing import Any, TypeVar

from core.kernel.flow import Flow

Pairs = set[tuple[str, str]]
F = TypeVar("F", bound=Flow)


def drawn(module: ModuleType) -> Pairs:
    """Return the pairs of different steps that the arrows of a module's docstring join."""
    pairs: Pairs = set()
    for line in (module.__doc__ or "").splitlines():
        found = re.fullmatch(r" {4}([\w, ]+?) --(.+)--> ([\w, ]+)", line)
        if found:
            pairs |= {(a, b) for a in found[1].split(", ") for b in found[3].split(", ")}
    return {(a, b) for a, b in pairs if a != b}


def walked(flow: F) -> tuple[F, Pairs]:
    """Return a flow that remembers every step that follows another, and the pairs it went."""
    pairs: Pairs = set()
    handle = type(flow).handle

    class Walked(type(flow)):  # type: ignore[misc]
        def handle(self, state: Any, event: Any, context: Any) -> Any:
            step = handle(self, state, event, context)
            if type(step.state) is not type(state):
                pairs.add((type(state).__name__, type(step.state).__name__))
            return step

    return Walked(), pairs


def compare(module: ModuleType, pairs: Pairs) -> None:
    """Fail on a step that no arrow leads to, and on an arrow that was never taken."""
    assert pairs - drawn(module) == set(), "the flow goes where no arrow leads"
    assert drawn(module) - pairs == set(), "an arrow that the flow never takes"
