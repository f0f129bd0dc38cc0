"""Who is given personal data: names and badges every station, addresses those that send goods, for work on the floor."""

from collections.abc import Iterable

import sqlalchemy as sa

from core.kernel.feed import key_of, key_text
from core.kernel.ids import SiteId, StationId
from core.kernel.private import private_rows
from core.kernel.tables import TABLES, Key, TableClass, sql_of
from core.orders.model import Contact, Fulfilment
from core.rights.model import SiteStation, StationKind
from sync.protocol import FETCH_MAX, Fetch, SentPrivate, sent_private

_SENDS = (StationKind.BENCH, StationKind.DOCK, StationKind.DESK)
"""Kinds of stations that need to know where goods go; a cart does not."""


def shared(connection: sa.Connection, fetch: Fetch) -> tuple[tuple[SentPrivate, ...], tuple[tuple[str, str], ...]]:
    """Return the private rows of its own site that a station asks for and is given, and the keys of those it is not.

    What is not here is neither: it may still come.
    """
    wanted: dict[str, list[Key]] = {}
    for entity, key in fetch.wanted[:FETCH_MAX]:
        info = TABLES.get(entity)
        if info is not None and info.kind is TableClass.PRIVATE:
            found = key_of(info, key)
            if found[0] == fetch.site:
                wanted.setdefault(entity, []).append(found)
    contact = Contact.TABLE.name
    asked = wanted.pop(contact, [])
    may = (
        _on_the_floor(connection, fetch.site, asked) if asked and _sends(connection, fetch.site, fetch.station) else ()
    )
    wanted[contact] = [key for key in asked if key in may]
    rows = [
        sent_private(row) for entity, keys in wanted.items() for row in private_rows(connection, TABLES[entity], keys)
    ]
    return tuple(rows), tuple((contact, key_text(key)) for key in asked if key not in may)


def _sends(connection: sa.Connection, site: SiteId, station: StationId) -> bool:
    stations = sql_of(SiteStation)
    kind = sa.select(stations.c.kind).where(stations.c.site == site, stations.c.id == station)
    return connection.execute(kind).scalar_one_or_none() in _SENDS


def _on_the_floor(connection: sa.Connection, site: SiteId, contacts: Iterable[Key]) -> set[Key]:
    """Return those of some addresses to which released work is still to be sent."""
    parts = sql_of(Fulfilment)
    query = sa.select(parts.c.contact).where(
        parts.c.site == site, parts.c.open == 1, parts.c.reserved > 0, parts.c.contact.in_([key[1] for key in contacts])
    )
    return {(site, bytes(each)) for each in connection.execute(query).scalars()}
