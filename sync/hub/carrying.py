"""Photos at the hub: taken from whoever has them, given to whoever looks at one.

Only photos that a row speaks of are taken: what a station says of a picture comes first and is let in or kept apart as every
operation is, and bytes that nobody speaks of are no business of the hub's.
"""

import sqlalchemy as sa

from core.cases.photos import is_photo, keep_photo, kept, named, photo_bytes
from sync.protocol import FETCH_MAX, PULL_BYTES, Carried, Carry, SentPhoto


def take(connection: sa.Connection, asked: Carry) -> None:
    """Keep the bytes that a station brings, in the caller's transaction; those that are not what their name says are let go."""
    known = named(connection, asked.site, [each.digest for each in asked.brought])
    for each in asked.brought:
        if each.digest in known and is_photo(each.digest, each.data):
            keep_photo(connection, asked.site, each.digest, each.data)


def carried(connection: sa.Connection, asked: Carry, epoch: int) -> Carried:
    """Return which of a station's photos are here, which are wanted, and as many of those it looks for as one answer holds."""
    offered = {*asked.offered[:FETCH_MAX], *(each.digest for each in asked.brought)}
    here = kept(connection, asked.site, offered)
    lacking = named(connection, asked.site, offered - here)
    found: list[SentPhoto] = []
    size = 0
    for digest in sorted(named(connection, asked.site, asked.wanted[:FETCH_MAX])):
        data = photo_bytes(connection, asked.site, digest) if size < PULL_BYTES else None
        if data is not None:
            size += len(data)
            found.append(SentPhoto(digest, data))
    return Carried(epoch=epoch, kept=tuple(sorted(here)), lacking=tuple(sorted(lacking)), found=tuple(found))
