"""Loading: a station that joins, or was away for too long, takes the site as it is, then follows the feed from where that began.

How far it came is in the file with what came: whoever begins this engine again goes on there.
"""

from core.kernel.loading import Loading
from core.rights.standing import Standing
from sync.protocol import Load, Loaded
from sync.station.engines import Engine, KeepLoaded, Me, ReadLoading, ReadStanding, SendLoad, WantLoading


def snapshot(me: Me) -> Engine:
    """Load what is to be loaded, part by part; nothing where nothing is."""
    while True:
        state: Loading | None = yield ReadLoading()
        if state is None or state.goal:
            return
        now: Standing = yield ReadStanding()
        asked = Load(
            epoch=state.epoch, site=me.site, station=me.station, incarnation=now.identity.incarnation,
            goes_on=state.goes_on,
        )  # fmt: skip
        answer: Loaded = yield SendLoad(asked)
        if state.goes_on and answer.epoch != state.epoch:
            # The hub was set back meanwhile: what it said before may not be so.
            yield WantLoading()
        else:
            yield KeepLoaded(answer)
