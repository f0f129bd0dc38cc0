"""Where paper waits that no printer is assigned to, or one that cannot be spoken to from here: it is held, and says why."""

from dataclasses import dataclass

from printing.drivers.protocols import (
    NOTHING_SAID,
    Fate,
    Loaded,
    PrinterState,
    PrinterStatus,
    Progress,
    SendFault,
    Sent,
    Trouble,
)


@dataclass(frozen=True, slots=True)
class NoPrinter:
    """No device at all."""

    why: Trouble = Trouble.NO_PRINTER

    @property
    def address(self) -> str:
        """Return that it is nowhere."""
        return "none"

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Hand nothing over.

        Raises:
            SendFault: always.
        """
        raise SendFault("no printer is assigned", bytes_left_us=0)

    def status(self) -> PrinterStatus:
        """Return that there is none."""
        return PrinterStatus(state=PrinterState.HELD, troubles=(self.why,))

    def labels_printed(self) -> int | None:
        """Return nothing."""
        return None

    def identity(self) -> tuple[str, str, int] | None:
        """Return nothing: nobody says."""
        return None

    def loaded(self) -> Loaded:
        """Return nothing: nobody says."""
        return NOTHING_SAID

    def calibrate(self) -> bool:
        """Measure nothing."""
        return False

    def fate(self, ticket: str) -> Fate | None:
        """Return nothing."""
        return None

    def forget(self, ticket: str) -> bool:
        """Ask nothing."""
        return True
