"""Carrying photos: their bytes go up behind the operations that name them, and come to whoever looks at one.

They hold nothing up, and nothing waits for them. What goes up follows from the file, less what the hub has said that it has; each
is one message, so that one that is cut off is brought again and no more than that. What the hub has not heard of yet waits for
its operation.
"""

import sqlalchemy as sa

from core.cases.photos import not_safe
from core.cases.shelf import Shelf
from core.kernel.ids import SiteId
from sync.protocol import Carried, Carry, SentPhoto
from sync.station.engines import (
    Beside,
    Engine,
    KeepPhoto,
    Me,
    NoteSafe,
    PhotosHere,
    ReadCursor,
    ReadPhoto,
    ReadPhotos,
    SendCarry,
)
from sync.station.rejoin import is_of

OFFERED_MAX = 500
"""Photos of one question."""


def carry(me: Me) -> Engine:
    """Bring the hub what it lacks, and fetch what somebody looks for, as long as either goes on."""
    while True:
        here: PhotosHere = yield ReadPhotos(OFFERED_MAX)
        if not here.unsafe and not here.wanted:
            return
        epoch = (yield ReadCursor()).epoch
        asked = Carry(epoch=epoch, site=me.site, station=me.station, offered=here.unsafe, wanted=here.wanted)
        answer: Carried = yield SendCarry(asked)
        if not (yield from is_of(me, epoch, answer.epoch)):
            continue
        safe = list(answer.kept)
        for found in answer.found:
            if (yield KeepPhoto(found.digest, found.data)):
                safe.append(found.digest)  # noqa: PERF401  an effect between them
        for digest in answer.lacking:
            data: bytes | None = yield ReadPhoto(digest)
            if data is None:
                continue
            brought = (SentPhoto(digest, data),)
            answer = yield SendCarry(Carry(epoch=epoch, site=me.site, station=me.station, brought=brought))
            if answer.epoch != epoch:
                # It was set back meanwhile: what it said before is not to be relied on.
                safe = []
                break
            safe += answer.kept
        if not safe:
            return
        yield NoteSafe(tuple(safe), epoch)


def beside(connection: sa.Connection, site: SiteId, shelf: Shelf, effect: Beside) -> object:
    """Perform what an engine wants of photos' bytes.

    Args:
        connection: a reader of the station's file.
        site: the station's.
        shelf: where bytes of photos lie.
        effect: what it wants.

    Raises:
        OSError: the disk refused.
    """
    match effect:
        case ReadPhotos():
            unsafe = filter(shelf.has, not_safe(connection, site))
            return PhotosHere(tuple(unsafe)[: effect.most], shelf.wanted()[: effect.most])
        case ReadPhoto():
            return shelf.read(effect.digest)
        case KeepPhoto():
            return shelf.keep(effect.digest, effect.data)
