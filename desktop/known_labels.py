"""Labels of what the station's records know: its places, totes, carts and benches.

Badges are not among them: their codes are secrets that nobody keeps. They are printed from a list.
"""

from collections.abc import Callable, Iterator, Mapping

import sqlalchemy as sa

from core.catalog.contents import (
    CartLabel,
    DockLabel,
    LocationLabel,
    ShelfLabel,
    SlotLabel,
    ToteLabel,
    WorkstationLabel,
)
from core.catalog.model import SIGNED, Container, ContainerKind, Location, LocationRole, Zone
from core.catalog.queries import site_row
from core.kernel.ids import SiteId
from core.kernel.refusal import Fault
from core.kernel.tables import rows_of, sql_of
from desktop.label_rows import Row, label_kinds
from printing.kinds import Kind

_SHELVES = (LocationRole.PICK, LocationRole.RESERVE)
_NO_SIGNS = (*SIGNED, LocationRole.PERSON, LocationRole.CART, LocationRole.IN_TRANSIT)


def known(connection: sa.Connection, site: SiteId, kind: Kind) -> list[Row]:
    """Return a row for everything of a kind, in the order of the walk.

    Raises:
        Fault: of this kind the station has no records.
    """
    source = _SOURCES.get(kind.content)
    if source is None:
        offered = ", ".join(name for name, each in label_kinds().items() if each.content in _SOURCES)
        raise Fault(f"the station has no list of these; --all does {offered}. Name a --file")
    place = site_row(connection, site)
    name = "" if place is None else place.name
    return [Row({**row, "site_name": name} if _signed(kind) else row, "") for row in source(connection, site)]


def has_records(kind: Kind) -> bool:
    """Say whether the station has records of what such labels are for."""
    return kind.content in _SOURCES


def _signed(kind: Kind) -> bool:
    return kind.content not in (ShelfLabel, SlotLabel)


def _places(connection: sa.Connection, site: SiteId, *roles: LocationRole) -> Iterator[tuple[Location, Zone | None]]:
    table, zones = sql_of(Location), sql_of(Zone)
    named = {row.id: row for row in rows_of(Zone, connection.execute(sa.select(zones).where(zones.c.site == site)))}
    query = sa.select(table).where(table.c.site == site).order_by(table.c.sequence, table.c.code)
    for row in rows_of(Location, connection.execute(query)):
        if row.role in roles if roles else row.role not in _NO_SIGNS:
            yield row, named.get(row.zone)


def _locations(connection: sa.Connection, site: SiteId) -> Iterator[Mapping[str, str]]:
    for row, zone in _places(connection, site):
        yield {"code": row.code, "zone": "" if zone is None or zone.code in row.code else zone.code}


def _with_role(*roles: LocationRole) -> Callable[[sa.Connection, SiteId], Iterator[Mapping[str, str]]]:
    def source(connection: sa.Connection, site: SiteId) -> Iterator[Mapping[str, str]]:
        return ({"code": row.code} for row, _ in _places(connection, site, *roles))

    return source


def _containers(connection: sa.Connection, site: SiteId, kind: ContainerKind) -> tuple[Container, ...]:
    table = sql_of(Container)
    query = sa.select(table).where(table.c.site == site, table.c.kind == kind.value).order_by(table.c.code)
    return rows_of(Container, connection.execute(query))


def _totes(connection: sa.Connection, site: SiteId) -> Iterator[Mapping[str, str]]:
    return ({"code": row.code} for row in _containers(connection, site, ContainerKind.TOTE))


def _carts(connection: sa.Connection, site: SiteId) -> Iterator[Mapping[str, str]]:
    return ({"code": row.code, "slots": str(row.slots)} for row in _containers(connection, site, ContainerKind.CART))


def _slots(connection: sa.Connection, site: SiteId) -> Iterator[Mapping[str, str]]:
    for row in _containers(connection, site, ContainerKind.CART):
        yield from ({"code": row.code, "slot": str(n)} for n in range(1, row.slots + 1))


_SOURCES: Mapping[type, Callable[[sa.Connection, SiteId], Iterator[Mapping[str, str]]]] = {
    LocationLabel: _locations, ShelfLabel: _with_role(*_SHELVES), DockLabel: _with_role(LocationRole.SHIP),
    WorkstationLabel: _with_role(LocationRole.PACK), ToteLabel: _totes, CartLabel: _carts, SlotLabel: _slots,
}  # fmt: skip
