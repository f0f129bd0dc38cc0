"""Photos that stations of a world take, and what the hub has of them."""

from hashlib import sha256

import sqlalchemy as sa

from core.cases.commands import AddPhoto, note_id
from core.cases.model import NoteText
from core.cases.photos import PhotoBytes, not_safe
from core.kernel.tables import sql_of
from sync.protocol import Carried, Carry, Refused
from tests.orders.shop import order_id
from tests.support import SITE
from tests.sync.world import Member, World

ORDER = order_id("o0")


def jpeg(words: str) -> bytes:
    """Bytes that begin as a photo does."""
    return b"\xff\xd8\xff" + words.encode()


def name(data: bytes) -> str:
    return sha256(data).hexdigest()


def adds(member: Member, data: bytes, *, kept: bool = True) -> str:
    """A photo that somebody took, with its bytes beside the station's file."""
    digest = name(data)
    if kept:
        assert member.shelf.keep(digest, data)
    command = AddPhoto(
        **member.bench.base(), order=ORDER, digest=digest, size=len(data), station=member.name
    )  # fmt: skip
    member.bench.run(command, NoteText(SITE, note_id(command.id), ""))
    return digest


def at_the_hub(it: World) -> dict[str, bytes]:
    with it.central.begin():
        rows = it.central.execute(sa.select(sql_of(PhotoBytes))).all()
    return {row.digest: bytes(row.data) for row in rows}


def unsafe(member: Member) -> tuple[str, ...]:
    with member.connection.begin():
        return not_safe(member.connection, SITE, member.name)


def asks(it: World, member: Member, **said: object) -> Carried | Refused:
    return it.center.carry(Carry(epoch=1, site=SITE, station=member.name, **said))


__all__ = ["ORDER", "adds", "asks", "at_the_hub", "jpeg", "name", "unsafe"]
