"""Carrying photos: their bytes go up behind the operations that name them, and come to whoever looks at one.

They hold nothing up, and nothing waits for them. What goes up follows from the file, less what the hub has said that it has; each
is one message, so that one that is cut off is brought again and no more than that. What the hub has not heard of yet waits for
its operation.
"""

from collections.abc import Generator, Iterable
from itertools import islice
from typing import Any

import sqlalchemy as sa

from core.cases.photos import not_safe
from core.cases.shelf import Shelf
from core.kernel.executor import Identity
from sync.protocol import Carried, Carry, SentPhoto
from sync.station.engines import (
    Beside,
    Effect,
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
BROUGHT_MAX = 8
"""Photos that are brought before it is looked again what somebody wants to see: who looks at one does not wait for a day's."""


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
        brought = yield from _bring(me, epoch, answer.lacking)
        if brought is None:
            continue
        safe = [*answer.kept, *brought]
        if safe:
            yield NoteSafe(tuple(safe), epoch)
        # Behind that, since a disk without room stops it here, and what is only here is to be elsewhere by then.
        for found in answer.found:
            if (yield KeepPhoto(found.digest, found.data)):
                safe.append(found.digest)
                yield NoteSafe((found.digest,), epoch)
        if not safe:
            return


def _bring(me: Me, epoch: int, lacking: Iterable[str]) -> Generator[Effect, Any, tuple[str, ...] | None]:
    """Bring some photos, and return those that the hub has kept; None where it was set back meanwhile."""
    kept: list[str] = []
    for digest in lacking:
        data: bytes | None = yield ReadPhoto(digest)
        if data is None:
            continue
        brought = (SentPhoto(digest, data),)
        answer: Carried = yield SendCarry(Carry(epoch=epoch, site=me.site, station=me.station, brought=brought))
        if answer.epoch != epoch:
            # What it said before is not to be relied on.
            return None
        kept += answer.kept
        if len(kept) >= BROUGHT_MAX:
            break
    return tuple(kept)


def beside(connection: sa.Connection, me: Identity, shelf: Shelf, effect: Beside) -> object:
    """Perform what an engine wants of photos' bytes.

    Args:
        connection: a reader of the station's file.
        me: whose it is.
        shelf: where bytes of photos lie.
        effect: what it wants.

    Raises:
        OSError: the disk refused.
    """
    match effect:
        case ReadPhotos():
            unsafe = filter(shelf.has, not_safe(connection, me.site, me.station))
            return PhotosHere(tuple(islice(unsafe, effect.most)), shelf.wanted()[: effect.most])
        case ReadPhoto():
            return shelf.read(effect.digest)
        case KeepPhoto():
            return shelf.keep(effect.digest, effect.data)
