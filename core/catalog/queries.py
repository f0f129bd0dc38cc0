"""Reading master data."""

from collections.abc import Iterable

import sqlalchemy as sa

from core.catalog.model import SIGNED, BoxType, Code, Container, Item, Location, LocationRole, Owner, Site, Zone
from core.kernel.ids import ContainerId, ItemId, LocationId, OwnerId, SiteId, ZoneId
from core.kernel.tables import rows_of, sql_of


def site_row(connection: sa.Connection, site: SiteId) -> Site | None:
    """Return the site, None before it was set up."""
    sites = sql_of(Site)
    found = rows_of(Site, connection.execute(sa.select(sites).where(sites.c.site == site)))
    return found[0] if found else None


def owners(connection: sa.Connection, site: SiteId) -> tuple[Owner, ...]:
    """Return the owners, the site's default one first."""
    table, sites = sql_of(Owner), sql_of(Site)
    query = sa.select(table).join(sites, sites.c.site == table.c.site).where(table.c.site == site)
    return rows_of(Owner, connection.execute(query.order_by(table.c.id != sites.c.owner, table.c.code)))


def codes_named(connection: sa.Connection, site: SiteId, codes: Iterable[str]) -> tuple[Code, ...]:
    """Return every row of these codes, whatever they name."""
    table = sql_of(Code)
    query = sa.select(table).where(table.c.site == site, table.c.code.in_(list(codes)))
    return rows_of(Code, connection.execute(query))


def items(connection: sa.Connection, site: SiteId, ids: Iterable[ItemId]) -> dict[ItemId, Item]:
    """Return items by id."""
    table = sql_of(Item)
    query = sa.select(table).where(table.c.site == site, table.c.id.in_(list(ids)))
    return {row.id: row for row in rows_of(Item, connection.execute(query))}


def item_ids(connection: sa.Connection, site: SiteId) -> dict[tuple[OwnerId, str], ItemId]:
    """Return the id of every item by owner and SKU: what an import looks up."""
    table = sql_of(Item)
    query = sa.select(table.c.owner, table.c.sku, table.c.id).where(table.c.site == site)
    return {(OwnerId(owner), sku): ItemId(found) for owner, sku, found in connection.execute(query)}


def locations_named(connection: sa.Connection, site: SiteId, codes: Iterable[str]) -> dict[str, Location]:
    """Return locations by the code people call them by."""
    table = sql_of(Location)
    query = sa.select(table).where(table.c.site == site, table.c.code.in_(list(codes)))
    return {row.code: row for row in rows_of(Location, connection.execute(query))}


def containers_named(connection: sa.Connection, site: SiteId, codes: Iterable[str]) -> dict[str, Container]:
    """Return totes and carts by the code people call them by."""
    table = sql_of(Container)
    query = sa.select(table).where(table.c.site == site, table.c.code.in_(list(codes)))
    return {row.code: row for row in rows_of(Container, connection.execute(query))}


def boxes_named(connection: sa.Connection, site: SiteId, codes: Iterable[str]) -> dict[str, BoxType]:
    """Return boxes, in use or not, by the code people call them by."""
    table = sql_of(BoxType)
    query = sa.select(table).where(table.c.site == site, table.c.code.in_(list(codes)))
    return {row.code: row for row in rows_of(BoxType, connection.execute(query))}


def places(connection: sa.Connection, site: SiteId) -> dict[str, LocationId]:
    """Return the id of every location that goods can lie at, by code."""
    table = sql_of(Location)
    query = sa.select(table.c.code, table.c.id).where(
        table.c.site == site, table.c.role.not_in([role.value for role in SIGNED])
    )
    return {code: LocationId(found) for code, found in connection.execute(query)}


def locations_with_role(connection: sa.Connection, site: SiteId, *roles: LocationRole) -> tuple[Location, ...]:
    """Return the locations of these roles in the order of the walk."""
    table = sql_of(Location)
    query = sa.select(table).where(table.c.site == site, table.c.role.in_([role.value for role in roles]))
    return rows_of(Location, connection.execute(query.order_by(table.c.sequence, table.c.code)))


def location(connection: sa.Connection, site: SiteId, location_id: LocationId) -> Location | None:
    """Return a location by id."""
    table = sql_of(Location)
    query = sa.select(table).where(table.c.site == site, table.c.id == location_id)
    found = rows_of(Location, connection.execute(query))
    return found[0] if found else None


def zone_named(connection: sa.Connection, site: SiteId, code: str) -> Zone | None:
    """Return the zone people call by a code."""
    table = sql_of(Zone)
    found = rows_of(Zone, connection.execute(sa.select(table).where(table.c.site == site, table.c.code == code)))
    return found[0] if found else None


def zone_codes(connection: sa.Connection, site: SiteId) -> dict[ZoneId, str]:
    """Return what people call each zone."""
    table = sql_of(Zone)
    query = sa.select(table.c.id, table.c.code).where(table.c.site == site)
    return {ZoneId(bytes(found)): code for found, code in connection.execute(query)}


def container(connection: sa.Connection, site: SiteId, container_id: ContainerId) -> Container | None:
    """Return a tote or cart by id."""
    table = sql_of(Container)
    query = sa.select(table).where(table.c.site == site, table.c.id == container_id)
    found = rows_of(Container, connection.execute(query))
    return found[0] if found else None


def box_types(connection: sa.Connection, site: SiteId) -> tuple[BoxType, ...]:
    """Return the boxes in use, the smallest first."""
    table = sql_of(BoxType)
    query = sa.select(table).where(table.c.site == site, table.c.active == 1)
    volume = table.c.length_mm * table.c.width_mm * table.c.height_mm
    return rows_of(BoxType, connection.execute(query.order_by(volume, table.c.code)))
