"""How a printer is asked how it is, by what it speaks: one row a language, parsers beside it.

The one thing a newcomer would get wrong: a question is only harmless to a printer that understands it. Another one prints
it as text, so a printer that never answered is not asked for ever (`wire.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from printing.drivers import (
    batch_status,
    epl_status,
    error_status,
    escpos_status,
    host_status,
    tspl_status,
    variables,
)
from printing.drivers.protocols import PrinterState, PrinterStatus, judged


@dataclass(frozen=True, slots=True)
class Question:
    """Bytes to send, and how to tell that the answer is there."""

    query: bytes
    is_complete: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of asking."""

    status: Question
    parse: Callable[[bytes], PrinterStatus]
    more: Question | None = None
    """A second question that says more; what both say is put together."""
    parse_more: Callable[[bytes], PrinterStatus] | None = None
    count: Question | None = None
    """What asks for the labels it ever printed; None where it has no such counter."""
    parse_count: Callable[[bytes], int | None] | None = None
    identity: Question | None = None
    mark: Callable[[str], bytes] | None = None
    """What stands behind a job with four characters, and is answered once all before it came out; None where there is none."""
    has_come_out: Callable[[bytes, str], bool] = lambda _answer, _name: False
    """Tells that the answer to a mark is among what came."""
    width: Question | None = None
    """What asks how wide the labels are that lie in it, in millimetres."""
    tracking: Question | None = None
    """What asks how it tells labels apart."""
    calibrate: bytes = b""
    """Measures the labels that lie in it; empty where there is no such word."""


def together(one: PrinterStatus, other: PrinterStatus) -> PrinterStatus:
    """Return what two answers of one printer say; one that said nothing takes nothing away from the other."""
    if PrinterState.UNKNOWN in (one.state, other.state):
        return other if one.state is PrinterState.UNKNOWN else one
    return judged(
        *one.troubles,
        *other.troubles,
        waiting=max(one.waiting_formats, other.waiting_formats),
        remaining=max(one.remaining_labels, other.remaining_labels),
        label_waiting=one.label_waiting or other.label_waiting,
        printing=one.printing if other.printing is None else other.printing,
        advice=tuple(dict.fromkeys((*one.advice, *other.advice))),
        label_dots=one.label_dots if other.label_dots is None else other.label_dots,
        continuous=one.continuous if other.continuous is None else other.continuous,
    )


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "zpl": Dialect(
            status=Question(host_status.QUERY, host_status.is_complete),
            parse=host_status.parse,
            more=Question(error_status.QUERY, error_status.is_complete),
            parse_more=error_status.parse,
            count=Question(variables.question(variables.LABELS), variables.is_complete),
            parse_count=variables.number,
            identity=Question(variables.IDENTITY, variables.identity_is_complete),
            width=Question(variables.question(variables.WIDTH), variables.is_complete),
            tracking=Question(variables.question(variables.TRACKING), variables.is_complete),
            calibrate=b"~JC",
        ),
        "epl2": Dialect(
            status=Question(epl_status.QUERY, epl_status.is_complete), parse=epl_status.parse, calibrate=b"\r\nxa\r\n"
        ),
        "tspl": Dialect(
            status=Question(tspl_status.QUERY, tspl_status.is_complete),
            parse=tspl_status.parse,
            calibrate=b"GAPDETECT\r\n",
        ),
        "escpos": Dialect(
            status=Question(escpos_status.QUERY, escpos_status.is_complete),
            parse=escpos_status.parse,
            mark=escpos_status.mark,
            has_come_out=escpos_status.has_come_out,
        ),
        "dpl": Dialect(
            status=Question(batch_status.DPL_FLAGS, batch_status.dpl_is_complete), parse=batch_status.parse_dpl
        ),
        "sbpl": Dialect(
            status=Question(batch_status.SATO_QUERY, batch_status.sato_is_complete), parse=batch_status.parse_sato
        ),
    }
)
"""By the name a printer's row has for it."""
