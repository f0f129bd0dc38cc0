"""Screens of stations that share a site, as pictures: the line to the hub over some work, slips and codes, late cancels, stops.

They are made of what was played: what differs is only what another station, or the want of one, would have made different.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.catalog.fill_codes import fill_code
from core.catalog.readings import FillCode, FillUnits
from core.kernel.ids import (
    NO_ID,
    BatchId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    LotId,
    OrderId,
    OwnerId,
    ParcelId,
    SiteId,
    StationId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.states import ScanTote, ScanWork, StopPacking
from core.picking.contents import FillSlip
from core.picking.fill_codes import ToteCode
from core.picking.states import BatchDone, GoToLocation, NoWork, ScanCart, ShowCode
from core.shipping.flow import ScanParcel
from core.shipping.views import StoppedParcel
from core.station.gear import DeviceSeen
from core.station.home import ShowOrder
from core.station.line import ShowLine, Standing, Trouble
from core.station.station import Feedback
from devices.capture import Pan

_TOTES = ("TOTE-0003", "TOTE-0007")
_REFUSED = {
    ScanWork: (
        (Reason.SLIP_NEEDED, {"got": _TOTES[1]}), (Reason.SLIP_OLD, {}), (Reason.SLIP_OF_NO_TOTE, {}),
        (Reason.SLIP_NEWER, {}), (Reason.SLIP_NOT_READ, {}), (Reason.WORK_GIVEN, {"order": "100461"}),
        (Reason.WORK_HELD, {}), (Reason.STATION_UNSURE, {}), (Reason.LEFT_OVER, {"order": "100461"}),
        (Reason.ADDRESS_AWAITED, {}),
    ),
    ScanTote: ((Reason.SLIP_OF_OTHER, {"expected": _TOTES[0], "got": _TOTES[1]}),),
    GoToLocation: (
        (Reason.STATION_UNSURE, {}), (Reason.STATION_RENEWED, {}), (Reason.WORK_GIVEN, {"order": "100461"}),
        (Reason.NO_TOTE_CODES, {}), (Reason.NOT_KEPT_FOR_YOU, {"free": 0, "wanted": 2}),
    ),
    ScanParcel: (
        (Reason.PARCEL_UNHEARD, {"got": "00095011010000000018"}), (Reason.UNKNOWN_CODE, {"got": f"WMS-PARCEL-{'AEAZFKFU' * 30}"}),
        (Reason.CARRIER_ELSEWHERE, {}), (Reason.STATION_UNSURE, {}),
    ),
}  # fmt: skip
"""What only another station can be the reason of, by the step it comes up at."""
_STOPPED = (Reason.LABEL_VOID, Reason.LABEL_TWICE, Reason.UNITS_LOADED)


@dataclass(frozen=True, slots=True)
class Shown:
    """One screen that came up."""

    name: str
    feedback: Feedback
    person: str = ""
    roles: str = ""
    now: int = 0
    standing: Standing | None = None
    """How the line to the hub is, where the station has one."""
    devices: tuple[DeviceSeen, ...] = ()
    """What is plugged in; nothing for a bench whose devices are simulated."""
    pan: Pan | None = None
    """What its scale says."""


def shared_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield what comes up only where stations share a site."""
    work: dict[type[Any], Shown] = {}
    for each in shown:
        state = each.feedback.state
        at_an_empty_dock = isinstance(state, ScanParcel) and not state.view.loads
        if each.feedback.refusal is None and each.standing is None and not at_an_empty_dock:
            work[type(state)] = each
    for kind, first in work.items():
        for name, state in _instead(first.feedback.state):
            one = replace(first.feedback, state=state, note=None, input=None)
            yield replace(first, name=f"shared-{kind.__name__}-{name}", feedback=one)
    at = {**work, ScanTote: work[ScanWork]}
    for kind, reasons in _REFUSED.items():
        state = _slip_read() if kind is ScanTote else at[kind].feedback.state
        for reason, facts in reasons:
            one = replace(at[kind].feedback, state=state, note=None, input=None, refusal=Refusal(reason, facts))
            yield replace(at[kind], name=f"shared-{kind.__name__}-refused-{reason}", feedback=one)


def _instead(state: Any) -> Iterator[tuple[str, Any]]:
    match state:
        case ScanCart(offer=offer):
            yield "zones", replace(state, offer=replace(offer, zones=("A", "B", "COLD")))
            yield "other-zones", NoWork(Reason.OTHER_ZONES)
        case GoToLocation():
            yield "code", ShowCode(tuple(map(_code, _TOTES)), 0, state)
        case BatchDone(done=done):
            told = replace(done, shared=1)
            yield "codes", replace(state, done=told)
            yield "slips", replace(state, done=told, slips=2)
        case ScanWork():
            yield "slip", _slip_read()
            yield "slips-of-all", replace(_slip_read(), besides=(_slip_read().slip,))
            yield "given", StopPacking(Reason.WORK_GIVEN, "100461")
        case ScanParcel(view=view, standing=standing) if view.loads:
            for reason in _STOPPED:
                stopped = StoppedParcel(
                    ParcelId(NO_ID), "095011010000000018", OrderId(NO_ID), "100455", reason, 0, LocationId(NO_ID), ()
                )
                yield str(reason), replace(state, standing=replace(standing, stopped=(stopped,)))
        case ShowOrder(found=found):
            yield "cancelled", replace(state, found=replace(found, cancelled=True))
            asked = replace(found, cancelled=True, cancel_asked=True)
            yield "cancel-asked", replace(state, found=asked)
            yield "cancel-waits", replace(state, found=replace(asked, cancel_waits=("DOCK-1", "DOCK-2")))
        case _:
            return


def _slip_read() -> ScanTote:
    return ScanTote(_code(_TOTES[0]).slip.code, _TOTES[0])


def _code(tote: str) -> ToteCode:
    """Return a tote's code as a cart shows it: three lines of an order."""
    units = tuple(
        FillUnits(
            line=FulfilmentLineId(bytes([n]) * 16), owner=OwnerId(NO_ID), item=ItemId(bytes([n]) * 16), lot=LotId(NO_ID),
            serial="", first=1, quantity=n,
        )
        for n in (1, 2, 3)
    )  # fmt: skip
    said = FillCode(
        site=SiteId(1), fill=FillId(tote.encode().ljust(16, b"-")), container=ContainerId(b"c" * 16),
        fulfilment=FulfilmentId(b"f" * 16), walk=BatchId(b"b" * 16), place=LocationId(b"l" * 16), station=StationId(b"s" * 16),
        incarnation=1, epoch=1, fence=48, number=3, units=units,
    )  # fmt: skip
    lines = ("1 x MUG-350-BLUE", "2 x TOWEL-50-HERBS", "3 x LAMP-RETRO-BRASS")
    slip = FillSlip(
        code=fill_code(said), tote=tote, order_number="100461", batch_number=14, slot=3, units=6, lines=lines, number=3
    )
    return ToteCode(said.fill, slip, (), 0)


def line_states(shown: list[Shown]) -> Iterator[Shown]:
    """Yield screens of a station that belongs to a hub: the row under the strip over some work, and what IT looks at."""
    now = 1_765_886_400_000
    refused = "ConnectError: connection refused"
    away = tuple(Trouble(each, "unreachable", refused, final=False) for each in ("push", "pull", "fetch", "lease"))
    told = Standing(
        hub="http://hub.nordhafen.example:8700", since=now - 4_800_000, held_seconds=3_480, cursor=48_211, head=48_211
    )
    standings = {
        "connected": replace(told, connected=True),
        "away": replace(
            told, zones=("A", "B", "COLD"), waiting=212, oldest_at=now - 4_740_000, offset_ms=-190_000, head=48_318, troubles=away, held_seconds=2_100
        ),
        "copied": replace(
            told, waiting=3, oldest_at=now - 600_000,
            troubles=(
                away[0], Trouble("pull", "other_file", "the hub has another operation 48 of this station", final=True),
                Trouble("lease", "busy", "", final=False),
            ),
        ),
        "just-lost": replace(told, waiting=1, oldest_at=now - 15_000, since=now - 20_000, held_seconds=40, troubles=away),
        "loading": replace(told, connected=True, loading=430, fresh=True, held_seconds=None),
    }  # fmt: skip
    work = {type(each.feedback.state): each for each in shown if each.feedback.refusal is None}
    over = [each for kind, each in work.items() if kind.__name__ in ("GoToLocation", "VerifyUnit", "ScanParcel")]
    first = shown[0]
    for name, standing in standings.items():
        for each in over if name in ("connected", "away", "just-lost") else ():
            yield replace(each, name=f"line-{type(each.feedback.state).__name__}-{name}", now=now, standing=standing)
        asked = replace(first.feedback, flow="line", state=ShowLine(standing), note=None, input=None)
        yield Shown(f"line-ShowLine-{name}", asked, "Dana Wolf", "it", now, standing)
