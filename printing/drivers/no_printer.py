"""Where paper waits that no printer is assigned to: it is held, and says why."""

from printing.drivers.protocols import Fate, PrinterState, PrinterStatus, Progress, SendFault, Sent, Trouble


class NoPrinter:
    """No device at all."""

    address = "none"

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Hand nothing over.

        Raises:
            SendFault: always.
        """
        raise SendFault("no printer is assigned", bytes_left_us=0)

    def status(self) -> PrinterStatus:
        """Return that there is none."""
        return PrinterStatus(state=PrinterState.HELD, troubles=(Trouble.NO_PRINTER,))

    def labels_printed(self) -> int | None:
        """Return nothing."""
        return None

    def fate(self, ticket: str) -> Fate | None:
        """Return nothing."""
        return None
