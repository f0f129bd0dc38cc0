"""The one way in which making paper fails: a fault that names the element and the reason.

It is a `Fault` and no bug: the job is held and a case opened, while the bench goes on.
"""

from PIL import UnidentifiedImageError

from core.kernel.refusal import Fault


class LabelFault(Fault):
    """A document that must not be printed as it is."""

    def __init__(self, element: str, reason: str, other: str = "") -> None:
        """Say which element is wrong (`postcode`, `sscc`) and why, in words for the one who lays out labels.

        Args:
            element: which.
            reason: why.
            other: the element that it gets into the way of, or that gets into its way.
        """
        super().__init__(f"{element}: {reason}")
        self.element = element
        self.reason = reason
        self.other = other


def picture_fault(error: Exception) -> str:
    """Return why a picture cannot be read, without what its library says of where in memory it lies."""
    return "it is no picture" if isinstance(error, UnidentifiedImageError) else str(error)
