"""Photos, as the hub has them in the end and those who looked for one; it shares no code with the product."""

from collections.abc import Iterator
from hashlib import sha256

from tests.simulation.dst.album import Album
from tests.simulation.dst.books import Book, Books


def photos_are_whole(book: Book, kept: set[str] | None = None) -> Iterator[str]:
    """Whatever a note shows is there, and is what its name says; and nothing is there that no note shows.

    Args:
        book: the hub's.
        kept: those that are still somewhere beside; None for all.
    """
    shown = {(row["site"], row["digest"]) for row in book.rows("photo")}
    there = {(row["site"], row["digest"]): row["data"] for row in book.rows("photo_bytes")}
    for key in shown - there.keys():
        if kept is None or key[1] in kept:
            yield f"photo {key[1][:8]} is not at the hub"
    for key, data in there.items():
        if sha256(bytes.fromhex(data)).hexdigest() != key[1]:
            yield f"photo {key[1][:8]} is not what its name says"
        if key not in shown:
            yield f"photo {key[1][:8]} is shown by no note"


def photos_are_where_they_are_looked_for(books: Books, albums: dict[str, Album]) -> Iterator[str]:
    """The hub has what a station shows that is there, and had of it before; and who looked for a photo has it.

    Args:
        books: the databases, of stations those that go on.
        albums: the photos that lie beside each station's file.
    """
    central = books.central()
    here = {row["digest"] for row in central.rows("photo_bytes")}
    kept: set[str] = set()
    for name in books.stations:
        book, album = books.of(name), albums[name]
        mine = {row["value"] for row in book.rows("profile") if row["name"] == "station"}
        knows = {row["digest"] for row in book.rows("photo_safe")}
        knows |= {row["digest"] for row in book.rows("photo") if row["station"] in mine}
        kept |= knows & album.photos.keys()
        for each in here & album.looked_for.keys():
            yield f"{name}: photo {each[:8]} was looked for and did not come"
    yield from photos_are_whole(central, kept)


__all__ = ["photos_are_where_they_are_looked_for", "photos_are_whole"]
