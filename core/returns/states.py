"""The states of the returns bench: each named for what whoever stands there does next."""

from dataclasses import dataclass

from core.returns.views import BoxInHand


@dataclass(frozen=True, slots=True)
class ScanReturn:
    """Scan the label of what came back."""


@dataclass(frozen=True, slots=True)
class ConfirmUnknown:
    """The code names nothing here: is it received all the same?"""

    box: BoxInHand


@dataclass(frozen=True, slots=True)
class AnotherBox:
    """A box under this code is here already: is this another one?"""

    box: BoxInHand


@dataclass(frozen=True, slots=True)
class ScanPlace:
    """Put it down, and scan the place."""

    box: BoxInHand


@dataclass(frozen=True, slots=True)
class Writing:
    """A command is being written."""

    before: ScanReturn | ConfirmUnknown | AnotherBox | ScanPlace
    """Where it goes on when it is refused."""
    after: ScanReturn | ConfirmUnknown | AnotherBox | ScanPlace
    note: str
    facts: tuple[tuple[str, str | int], ...] = ()


State = ScanReturn | ConfirmUnknown | AnotherBox | ScanPlace | Writing
