"""The two places every site has without asking: the world outside, and what cannot be explained.

Their ids follow from the site, so that a ledger can name them before anybody laid out a warehouse.
"""

from functools import cache

from core.kernel.ids import LocationId, SiteId, ZoneId, derive


@cache
def world(site: SiteId) -> LocationId:
    """Return the site's place for goods that come from or go to outside."""
    return LocationId(derive(b"world" + site.to_bytes(11, "big"), "location"))


@cache
def unexplained(site: SiteId) -> LocationId:
    """Return the site's signed place for what the floor had and the books had not."""
    return LocationId(derive(b"unexp" + site.to_bytes(11, "big"), "location"))


@cache
def outside_zone(site: SiteId) -> ZoneId:
    """Return the zone those two places lie in."""
    return ZoneId(derive(b"zone." + site.to_bytes(11, "big"), "zone"))
