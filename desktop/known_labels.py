"""Labels of what the station's records know: its places, totes, carts and benches.

Badges are not among them: their codes are secrets that nobody keeps. They are printed from a list.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

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


def counted(connection: sa.Connection, site: SiteId, kind: Kind) -> int:
    """Return how many rows `known` has of a kind of which there are records, without making them."""
    return int(connection.execute(_COUNTS[kind.content](site)).scalar_one())


def _signed(kind: Kind) -> bool:
    return kind.content not in (ShelfLabel, SlotLabel)


def _places(connection: sa.Connection, site: SiteId, *roles: LocationRole) -> Iterator[tuple[Location, Zone | None]]:
    table, zones = sql_of(Location), sql_of(Zone)
    named = {row.id: row for row in rows_of(Zone, connection.execute(sa.select(zones).where(zones.c.site == site)))}
    query = sa.select(table).where(_with_sign(site, roles)).order_by(table.c.sequence, table.c.code)
    for row in rows_of(Location, connection.execute(query)):
        yield row, named.get(row.zone)


def _with_sign(site: SiteId, roles: tuple[LocationRole, ...]) -> sa.ColumnElement[bool]:
    table = sql_of(Location)
    role = table.c.role.in_(roles) if roles else table.c.role.not_in(_NO_SIGNS)
    return sa.and_(table.c.site == site, role)


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


def _places_counted(*roles: LocationRole) -> Callable[[SiteId], sa.Select[Any]]:
    return lambda site: sa.select(sa.func.count()).select_from(sql_of(Location)).where(_with_sign(site, roles))


def _containers_counted(kind: ContainerKind, *, slots: bool = False) -> Callable[[SiteId], sa.Select[Any]]:
    table = sql_of(Container)
    what = sa.func.coalesce(sa.func.sum(table.c.slots), 0) if slots else sa.func.count()
    return lambda site: sa.select(what).select_from(table).where(table.c.site == site, table.c.kind == kind.value)


_COUNTS: Mapping[type, Callable[[SiteId], sa.Select[Any]]] = {
    LocationLabel: _places_counted(), ShelfLabel: _places_counted(*_SHELVES), DockLabel: _places_counted(LocationRole.SHIP),
    WorkstationLabel: _places_counted(LocationRole.PACK), ToteLabel: _containers_counted(ContainerKind.TOTE),
    CartLabel: _containers_counted(ContainerKind.CART), SlotLabel: _containers_counted(ContainerKind.CART, slots=True),
}  # fmt: skip
"""The same, counted by the database: a menu that names how many there are makes no label of them."""
