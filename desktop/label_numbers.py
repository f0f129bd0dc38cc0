"""Label numbers of a list: drawn where it names none, looked up where it does, written down before anything is printed."""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.kernel.executor import Work
from core.kernel.numbers import Number
from core.kernel.refusal import Refusal
from core.packing.commands import NUMBERS_AT_ONCE, UseSsccs
from core.packing.numbering import draw, given_out, is_our_own
from desktop.assembly import Assembly
from desktop.label_rows import DRAWN, Row, refuse_numbers
from desktop.messages import refusal_words
from desktop.options import AnswerIsNo
from desktop.paper_desk import run
from desktop.planning import stamp
from printing.kinds import Content

SSCC = DRAWN


def with_numbers(assembly: Assembly, rows: Sequence[Row]) -> tuple[list[Row], dict[str, Number]]:
    """Return rows that all name a number, those that named none the next of this station's range; and which were drawn.

    Raises:
        AnswerIsNo: the station has not so many.
    """
    lacking = [n for n, row in enumerate(rows) if not row.values.get(SSCC, "").strip()]
    if not lacking:
        return list(rows), {}
    with assembly.database.reading() as reader:
        drawn = draw(reader, assembly.identity.site, assembly.identity.station, len(lacking))
    if isinstance(drawn, Refusal):
        raise AnswerIsNo(refusal_words(drawn))
    found, serials = list(rows), {}
    for n, (number, sscc) in zip(lacking, drawn, strict=True):
        found[n] = Row({**rows[n].values, SSCC: sscc}, rows[n].place)
        serials[sscc] = number
    return found, serials


def look_over(assembly: Assembly, rows: Sequence[Row], made: Sequence[Content], drawn: dict[str, Number]) -> None:
    """Let rows pass whose numbers nothing has borne for a year, and that are not this site's to give out by itself.

    Raises:
        AnswerIsNo: some may not; it names file, line and number.
    """
    named = {str(getattr(each, SSCC)) for each in made} - drawn.keys()
    site, now = assembly.identity.site, assembly.clock.now_ms()
    with assembly.database.reading() as reader:
        known = given_out(reader, site, named, now)
        faults = {
            sscc: f"{sscc} was given out on {datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d}: it may be used again after a year"
            for sscc, at in known.items()
        }
        ours = [sscc for sscc in named - known.keys() if is_our_own(reader, site, sscc)]
    faults |= {
        sscc: f"{sscc} is one of this site's own: leave the column empty, and the next one is drawn" for sscc in ours
    }
    refuse_numbers(rows, made, faults)


def write_down(assembly: Assembly, made: Sequence[Content], drawn: dict[str, Number]) -> None:
    """Write down that the numbers of labels are given out.

    Raises:
        AnswerIsNo: somebody gave one of them out meanwhile.
    """
    ssccs = [str(getattr(each, SSCC)) for each in made]
    for start in range(0, len(ssccs), NUMBERS_AT_ONCE):
        some = ssccs[start : start + NUMBERS_AT_ONCE]
        serials = tuple(drawn[each] for each in some if each in drawn)
        run(assembly, Work(command=UseSsccs(**stamp(assembly), ssccs=tuple(some), drawn=serials)))
