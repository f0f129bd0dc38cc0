"""Where the bytes of photos are: at the hub, and what a station knows of that.

A photo is a row of the feed that names its bytes by their digest; they lie in a file beside the station's database, and travel to
the hub when there is time. The one thing a newcomer would get wrong: there is no queue to be kept. What is to be sent follows
from the rows, less what the hub has said that it has, in this epoch: a hub that was set back is told of all of them again.
"""

from collections.abc import Collection, Iterable
from hashlib import sha256
from string import hexdigits

import sqlalchemy as sa

from core.cases.model import Photo, WrittenNote
from core.kernel.feed import head_of
from core.kernel.ids import NoteId, SiteId, StationId
from core.kernel.statements import mark_of
from core.kernel.tables import Row, TableClass, sql_of, table

MEDIA_TYPE = "image/jpeg"
LARGEST = 400 * 1024
"""Bytes of a photo."""
_BEGINS = b"\xff\xd8\xff"
"""How a JPEG does."""
_DIGEST = 64


@table(TableClass.LOCAL, key=("site", "digest"))
class PhotoBytes(Row):
    """The bytes of a photo, at the hub: in its database, so that every hub of the site has them, and a backup."""

    site: SiteId
    digest: str
    data: bytes


@table(TableClass.LOCAL, key=("site", "digest"))
class PhotoSafe(Row):
    """A photo whose bytes the hub has, as a station has heard."""

    site: SiteId
    digest: str
    epoch: int
    """The hub's when it said so: one that was set back may have lost them. 0 where it is to be asked again."""


def is_digest(text: str) -> bool:
    """Return whether a text is a SHA-256 as we write it."""
    return len(text) == _DIGEST and all(each in hexdigits and not each.isupper() for each in text)


def is_photo(digest: str, data: bytes) -> bool:
    """Return whether bytes are the photo of that name, as far as that is seen from outside."""
    return 0 < len(data) <= LARGEST and data.startswith(_BEGINS) and sha256(data).hexdigest() == digest


# At a station


def not_safe(connection: sa.Connection, site: SiteId, station: StationId) -> tuple[str, ...]:
    """Return the digests of photos of which the hub has not said in this epoch that it has them, the oldest first.

    They are those that were taken at this station, and those that it had of the hub before that was set back: what others took
    and nobody looked at here is not here.
    """
    photos, safe = sql_of(Photo), sql_of(PhotoSafe)
    known = sa.exists().where(safe.c.site == photos.c.site, safe.c.digest == photos.c.digest)
    mine = sa.or_(photos.c.station == station, known)
    first, said = sa.func.min(photos.c.at), _said(connection, site)
    query = sa.select(photos.c.digest).where(photos.c.site == site, mine, ~said)
    return tuple(connection.execute(query.group_by(photos.c.digest).order_by(first)).scalars())


def only_here(connection: sa.Connection, site: SiteId, station: StationId) -> frozenset[NoteId]:
    """Return the photos that were taken at this station and whose bytes, as far as is known, nobody else has."""
    photos = sql_of(Photo)
    query = sa.select(photos.c.id).where(
        photos.c.site == site, photos.c.station == station, ~_said(connection, site)
    )  # fmt: skip
    return frozenset(NoteId(bytes(each)) for each in connection.execute(query).scalars())


def _said(connection: sa.Connection, site: SiteId) -> sa.ColumnElement[bool]:
    """Return whether the hub has said of a photo in this epoch that it has its bytes."""
    photos, safe, epoch = sql_of(Photo), sql_of(PhotoSafe), head_of(connection, site).epoch
    return sa.exists().where(safe.c.site == photos.c.site, safe.c.digest == photos.c.digest, safe.c.epoch == epoch)


def doubt_safe(connection: sa.Connection, site: SiteId) -> None:
    """Have the hub asked again of all photos, in the caller's transaction.

    A database that lost its last commits, and nobody said so, has rows and not the bytes that came behind them.
    """
    safe = sql_of(PhotoSafe)
    connection.execute(sa.update(safe).where(safe.c.site == site).values(epoch=0))


def note_safe(connection: sa.Connection, site: SiteId, digests: Iterable[str], epoch: int) -> None:
    """Note photos whose bytes the hub has, as it said in an epoch."""
    rows = [(site, digest, epoch) for digest in digests]
    if rows:
        marks = ",".join([mark_of(connection)] * 3)
        connection.exec_driver_sql(
            f'INSERT INTO "photo_safe" ("site","digest","epoch") VALUES ({marks}) '
            'ON CONFLICT ("site","digest") DO UPDATE SET "epoch"=excluded."epoch"',
            rows,
        )


def let_late_go(connection: sa.Connection, site: SiteId, station: StationId, since: int) -> None:
    """Let photos of this station go that outlived their notes, since the hub had not got their bytes yet, and has them now."""
    photos, notes = sql_of(Photo), sql_of(WrittenNote)
    noted = sa.exists().where(notes.c.site == photos.c.site, notes.c.id == photos.c.id)
    late = (photos.c.site == site, photos.c.station == station, photos.c.at < since, ~noted, _said(connection, site))
    connection.execute(sa.delete(photos).where(*late))


def forget_photos(connection: sa.Connection, site: SiteId) -> None:
    """Let go what is known of photos that are not here any more."""
    photos, safe = sql_of(Photo), sql_of(PhotoSafe)
    here = sa.exists().where(photos.c.site == safe.c.site, photos.c.digest == safe.c.digest)
    connection.execute(sa.delete(safe).where(safe.c.site == site, ~here))


# At the hub


def named(connection: sa.Connection, site: SiteId, digests: Collection[str]) -> frozenset[str]:
    """Return those of some digests that photos of a site bear: what nobody speaks of is no business of the hub's."""
    photos = sql_of(Photo)
    query = sa.select(photos.c.digest).where(photos.c.site == site, photos.c.digest.in_(digests)).distinct()
    return frozenset(connection.execute(query).scalars()) if digests else frozenset()


def kept(connection: sa.Connection, site: SiteId, digests: Collection[str]) -> frozenset[str]:
    """Return those of some digests whose bytes are here."""
    rows = sql_of(PhotoBytes)
    query = sa.select(rows.c.digest).where(rows.c.site == site, rows.c.digest.in_(digests))
    return frozenset(connection.execute(query).scalars()) if digests else frozenset()


def keep_photo(connection: sa.Connection, site: SiteId, digest: str, data: bytes) -> None:
    """Keep a photo's bytes; the same are kept once, whoever brings them, and through whichever hub."""
    marks = ",".join([mark_of(connection)] * 3)
    connection.exec_driver_sql(
        f'INSERT INTO "photo_bytes" ("site","digest","data") VALUES ({marks}) ON CONFLICT ("site","digest") DO NOTHING',
        (site, digest, data),
    )


def count_photos(connection: sa.Connection, site: SiteId) -> tuple[int, int]:
    """Return how many photos' bytes are here, and how many bytes that is."""
    rows = sql_of(PhotoBytes)
    size = sa.func.coalesce(sa.func.sum(sa.func.length(rows.c.data)), 0)
    number, total = connection.execute(sa.select(sa.func.count(), size).where(rows.c.site == site)).one()
    return int(number), int(total)


def photo_bytes(connection: sa.Connection, site: SiteId, digest: str) -> bytes | None:
    """Return a photo's bytes; None where they are not here."""
    rows = sql_of(PhotoBytes)
    query = sa.select(rows.c.data).where(rows.c.site == site, rows.c.digest == digest)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)
