"""Fetching: names, addresses and badges that the feed speaks of and that are not here come by their ids, when there is time."""

from sync.protocol import FETCH_MAX, Fetch, Fetched, private_of
from sync.station.engines import Engine, KeepFetched, Me, ReadCursor, ReadWanted, SendFetch
from sync.station.rejoin import is_of


def fetch(me: Me) -> Engine:
    """Fetch what is wanted, as long as the hub has some of it; what it has not got yet stays wanted."""
    while True:
        wanted: tuple[tuple[str, str], ...] = yield ReadWanted(FETCH_MAX)
        if not wanted:
            return
        cursor = yield ReadCursor()
        answer: Fetched = yield SendFetch(Fetch(epoch=cursor.epoch, site=me.site, station=me.station, wanted=wanted))
        if not (yield from is_of(me, cursor.epoch, answer.epoch)):
            continue
        rows = tuple(row for row in map(private_of, answer.rows) if row is not None)
        if not rows and not answer.withheld:
            return
        yield KeepFetched(rows, answer.withheld)
