"""An edit that lost, as people compare it with what stands: what is changed, what was wanted, and what it is now."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from core.station.case_queries import Change
from desktop.languages import LANGUAGES, clock, day, decimal, isolated, joined, language, tr
from desktop.messages import edit_field, edit_value, role_words

_NOTHING = "-"


def changes_words(changes: Iterable[Change]) -> Iterator[str]:
    """Yield what two people wanted otherwise, thing by thing."""
    for each in changes:
        name = edit_field(each.name)
        if each.unnamed:
            yield tr("{name}: another than stands", name=name)
        else:
            wanted, stands = (_said(each.name, value) for value in (each.wanted, each.stands))
            yield tr("{name}: {wanted}, stands: {value}", name=name, wanted=wanted, value=stands)


def _said(name: str, value: str) -> str:
    return _MANNERS.get(name, edit_value)(value) if value else _NOTHING


def _language(value: str) -> str:
    """Return the name of a language, as it calls itself; of a printer's its own word."""
    return language(value).name if value in LANGUAGES else isolated(value)


def _yes(value: str) -> str:
    return tr("Yes") if value == "1" else tr("No")


def _moment(value: str) -> str:
    at = int(value)
    return joined((day(at), clock(at))) if at else _NOTHING


def _tenths(value: str) -> str:
    return isolated(decimal(int(value) / 10, 1))


_MANNERS: Mapping[str, Callable[[str], str]] = {
    "roles": role_words,
    "passed_by": role_words,
    "language": _language,
    "active": _yes,
    "gloves": _yes,
    "marks": _yes,
    "cut_off_at": _moment,
    "promised_at": _moment,
    "width_tenths": _tenths,
    "height_tenths": _tenths,
    "gap_tenths": _tenths,
}
"""How a value is said that is neither one of a few nor said as it is, by what it is of."""
