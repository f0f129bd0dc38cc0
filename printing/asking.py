"""What a printer is that nobody has described: it is asked in one language after the other, until it answers in one.

A question is only harmless to a printer that understands it, and another may print it as text. So one that never answers is
asked a few times and then left alone: what it is, a person must say, and its labels are in doubt until they are scanned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from printing.drivers.addresses import printer_at
from printing.drivers.protocols import PrinterState, PrinterStatus, Trouble, unknown
from printing.drivers.wire import TRIES, WirePrinter
from printing.media import DPIS, Language

LANGUAGES = (Language.ZPL, Language.TSPL, Language.EPL2, Language.ESC_POS)
"""In the order in which they are asked."""
_QUEUES = ("ipp", "ipps")
_DOCUMENT_DPI = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a printer says it is."""

    status: PrinterStatus
    language: Language | None = None
    """What it speaks; None for one that says nothing."""
    model: str = ""
    firmware: str = ""
    dpi: int = 0
    """Dots an inch of its head; 0 where it does not say."""
    labels: int = 0
    """Its own count of labels; 0 where it does not count."""

    @property
    def answers(self) -> bool:
        """Say whether it answered at all."""
        return self.status.state is not PrinterState.UNKNOWN

    @property
    def trouble(self) -> Trouble | None:
        """Return why nothing of ours can be printed there, whatever is done at it now; None where it can."""
        away = (Trouble.UNREACHABLE, Trouble.IN_USE)
        first = next((each for each in self.status.troubles if each in away), None)
        wrong = self.language in LANGUAGES and self.dpi and self.dpi not in DPIS
        return Trouble.OTHER_HEAD if first is None and wrong else first


def asked(address: str, announced: Sequence[str] = (), over: Callable[[], bool] = lambda: False) -> Answer:
    """Ask a printer what it is.

    Args:
        address: where it is.
        announced: languages that it says it speaks where it announces itself: they are asked first, and no other.
        over: says whether nobody wants to know any more.

    Raises:
        AddressFault: the address names no printer.
    """
    spoken = [each for each in LANGUAGES if each.value in announced]
    if address.partition(":")[0] in _QUEUES or (announced and not spoken):
        status = printer_at(address, asked=Language.PDF.value).status()
        return Answer(status=status, language=Language.PDF, dpi=_DOCUMENT_DPI)
    wanted = spoken or list(LANGUAGES)
    # The first one is asked again at the end: a printer that was just switched on is deaf for a while.
    for language in (*wanted, *wanted[:1] * (TRIES - 1)):
        printer = printer_at(address, asked=language.value)
        status = unknown(Trouble.SILENT) if over() else printer.status()
        if status.state is not PrinterState.UNKNOWN:
            return _known(language, printer, status)
        if status.troubles[0] in (Trouble.UNREACHABLE, Trouble.IN_USE):
            return Answer(status=status)
    return Answer(status=unknown(Trouble.SILENT), language=spoken[0] if spoken else None)


def _known(language: Language, printer: object, status: PrinterStatus) -> Answer:
    if not isinstance(printer, WirePrinter):
        return Answer(status=status, language=language)
    said = printer.identity()
    model, firmware, dpi = ("", "", 0) if said is None else said
    return Answer(
        status=status, language=language, model=model, firmware=firmware, dpi=dpi, labels=printer.labels_printed() or 0
    )
