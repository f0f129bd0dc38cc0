"""What a print queue says of its printer and its jobs: bits of the Windows spooler, reasons of CUPS and IPP printers.

The one thing a newcomer would get wrong: a queue knows what its driver tells it, mostly nothing. A Windows queue without
any bit set has said nothing, and a job that left a queue has not been printed by that.
"""

from collections.abc import Iterable

from printing.drivers.protocols import Advice, Fate, PrinterState, PrinterStatus, Trouble, judged, unknown

WINDOWS = {
    0x1: Trouble.PAUSED,
    0x2: Trouble.ERROR,
    0x8: Trouble.JAM,
    0x10: Trouble.PAPER_OUT,
    0x20: Trouble.ATTENTION,
    0x40: Trouble.PAPER_OUT,
    0x80: Trouble.OFFLINE,
    0x800: Trouble.ATTENTION,
    0x1000: Trouble.OFFLINE,
    0x40000: Trouble.RIBBON_OUT,
    0x80000: Trouble.ERROR,
    0x100000: Trouble.ATTENTION,
    0x200000: Trouble.MEMORY_FULL,
    0x400000: Trouble.COVER_OPEN,
}
"""Bits of `PRINTER_INFO_2.Status` that hold a printer (winspool.h)."""
_WINDOWS_AT_WORK = 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000 | 0x10000
_WINDOWS_TONER_LOW, _WINDOWS_ASLEEP = 0x20000, 0x1000000
_WINDOWS_KNOWN = sum(WINDOWS) | _WINDOWS_AT_WORK | _WINDOWS_TONER_LOW | _WINDOWS_ASLEEP
JOB_PRINTED, JOB_COMPLETE = 0x80, 0x1000
_JOB_DELETED = 0x4 | 0x100

REASONS = {
    "media-empty": Trouble.PAPER_OUT,
    "media-needed": Trouble.PAPER_OUT,
    "media-jam": Trouble.JAM,
    "cover-open": Trouble.COVER_OPEN,
    "door-open": Trouble.COVER_OPEN,
    "interlock-open": Trouble.COVER_OPEN,
    "marker-supply-empty": Trouble.RIBBON_OUT,
    "toner-empty": Trouble.RIBBON_OUT,
    "offline": Trouble.OFFLINE,
    "shutdown": Trouble.OFFLINE,
    "connecting-to-device": Trouble.UNREACHABLE,
    "timed-out": Trouble.UNREACHABLE,
    "paused": Trouble.PAUSED,
    "moving-to-paused": Trouble.PAUSED,
}
_ADVICE = {
    "media-low": Advice.PAPER_LOW,
    "marker-supply-low": Advice.RIBBON_LOW,
    "toner-low": Advice.RIBBON_LOW,
}
_SUFFIXES = ("-error", "-warning", "-report")
_MILD = ("-warning", "-report")
_IDLE, _PROCESSING, _STOPPED = 3, 4, 5
_CANCELED, _ABORTED, _COMPLETED = 7, 8, 9
OVER = (_CANCELED, _ABORTED, _COMPLETED)
"""States of a job that no paper comes of any more (RFC 8011, 5.3.7)."""
_ONLY_HANDED_ON = ("queued-in-device", "job-completed-with-errors")


def windows_status(bits: int) -> PrinterStatus:
    """Return what a Windows queue says of its printer; no bit at all is what a driver says that says nothing."""
    if not bits:
        return unknown(Trouble.ONE_WAY)
    troubles = [trouble for bit, trouble in WINDOWS.items() if bits & bit]
    if bits & ~_WINDOWS_KNOWN:
        troubles.append(Trouble.ERROR)
    advice = (Advice.RIBBON_LOW,) if bits & _WINDOWS_TONER_LOW else ()
    return judged(*troubles, printing=bool(bits & _WINDOWS_AT_WORK), advice=advice)


def windows_fate(bits: int | None) -> Fate:
    """Return what a Windows queue says of a job; None for one that is not in it any more."""
    if bits is not None and bits & JOB_PRINTED:
        return Fate.PRINTED
    gone = bits is None or bits & (JOB_COMPLETE | _JOB_DELETED)
    return Fate.GONE if gone else Fate.UNDER_WAY


def queue_status(state: int, reasons: Iterable[str]) -> PrinterStatus:
    """Return what `printer-state` and `printer-state-reasons` say (RFC 8011, 5.4.11 and 5.4.12).

    A reason without a suffix is as bad as an error; one we have no name for holds the printer unless it is only a report.
    """
    troubles: list[Trouble] = []
    advice: list[Advice] = []
    for reason in reasons:
        plain = next((reason.removesuffix(end) for end in _SUFFIXES if reason.endswith(end)), reason)
        if plain in REASONS:
            troubles.append(REASONS[plain])
        elif plain in _ADVICE or reason.endswith(_MILD):
            advice.append(_ADVICE.get(plain, Advice.OTHER))
        elif plain != "none":
            troubles.append(Trouble.ERROR)
    if state == _STOPPED and not troubles:
        troubles.append(Trouble.PAUSED)
    if state not in (_IDLE, _PROCESSING, _STOPPED):
        return PrinterStatus(state=PrinterState.UNKNOWN, troubles=(Trouble.UNREADABLE,))
    return judged(*troubles, printing=state == _PROCESSING, advice=tuple(dict.fromkeys(advice)))


def queue_fate(state: int, reasons: Iterable[str]) -> Fate:
    """Return what `job-state` and `job-state-reasons` say; a job handed on to a device that does not report is gone."""
    if state == _COMPLETED:
        return Fate.GONE if any(each in _ONLY_HANDED_ON for each in reasons) else Fate.PRINTED
    return Fate.GONE if state in OVER else Fate.UNDER_WAY
