"""Which printer a job goes to: of the routes whose conditions it meets, the narrowest decides.

A station's own route comes before every other; then a named document, a carrier, a size, a media, a resolution, a language.
Pure: rows in, a row out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.kernel import codec
from core.kernel.spool import PrintJob
from core.printers.model import PrintRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a job is, as routes ask for it."""

    station: str
    document: str
    role: str
    """``label`` or ``document``."""
    carrier: str = ""
    size: str = ""
    media: str = ""
    dpi: int = 0
    language: str = ""


def wanted_by(job: PrintJob, station: str) -> Wanted:
    """Return what a job asks for; its content may say more than its kind."""
    content = codec.parse(job.content)
    said = {name: str(content.get(name, "") or "") for name in ("carrier", "size", "media", "language")}
    dpi = content.get("dpi", 0)
    return Wanted(
        station=station, document=job.document, role=job.printer, dpi=dpi if isinstance(dpi, int) else 0, **said
    )


def route_of(routes: Iterable[PrintRoute], wanted: Wanted) -> PrintRoute | None:
    """Return the narrowest route that takes what is wanted; None where none does."""
    fitting = [each for each in routes if _fits(each, wanted)]
    return max(fitting, key=lambda each: _narrowness(each, wanted), default=None)


def _fits(route: PrintRoute, wanted: Wanted) -> bool:
    asked = (
        (route.station, (wanted.station,)),
        (route.document, (wanted.document, wanted.role)),
        (route.carrier, (wanted.carrier,)),
        (route.size, (wanted.size,)),
        (route.media, (wanted.media,)),
        (route.dpi, (wanted.dpi,)),
        (route.language, (wanted.language,)),
    )
    return all(not condition or condition in met for condition, met in asked)


def _narrowness(route: PrintRoute, wanted: Wanted) -> tuple[int, ...]:
    document = 2 if route.document == wanted.document else 1 if route.document else 0
    rest = (route.carrier, route.size, route.media, route.dpi, route.language)
    return (int(bool(route.station)), document, *(int(bool(each)) for each in rest))
