"""Dispatch: every parcel is scanned on its way into the van, and the list is closed when the van leaves.

The loader stands at a dock between cages and the van. The first parcel says whose van it is and begins that carrier's
list; from then on a parcel of another carrier is refused, until the list is closed or the dock's label is scanned for
another van. A parcel that must not go is refused as loud as can be, and keeps a slab on the screen until it lies on the
problem shelf, while loading goes on below. After a restart nobody knows whether the parcel that was booked last is in the van:
that is settled before any other is taken. Closing shows first what would stay behind, and then takes a *yes*.

    LookAtDock --dock--> ScanParcel
    ScanParcel --carrier without a list--> OpeningList
    ScanParcel --parcel, UNDO, CALL, shelf for a stopped parcel--> Loading
    ScanParcel --UNDO, nothing loaded just now--> TakeOut
    ScanParcel --dock--> LookAtDock
    ScanParcel --CONFIRM--> ConfirmClose
    OpeningList --done--> Loading
    OpeningList --refused--> LookAtDock
    Loading --done--> ScanParcel, LookAtDock
    Loading --done, given again after a restart--> SettleBox
    Loading --refused--> LookAtDock
    SettleBox --YES, its label--> LookAtDock
    SettleBox --NO--> Loading
    TakeOut --parcel--> Loading
    TakeOut --NO--> ScanParcel
    ConfirmClose --YES--> Loading
    ConfirmClose --NO--> LookAtDock
"""

from dataclasses import replace
from typing import Any, ClassVar

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.catalog.codes import is_label_number
from core.catalog.model import Location, LocationRole
from core.catalog.parcel_codes import parcel_in
from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Effect,
    Event,
    Expect,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Rule,
    Run,
    Say,
    Scanned,
    Stamp,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import NO_ID, CommandId, LocationId, ManifestId, ParcelId, derive
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing.commands import LABEL_PRINTER
from core.rules.model import Check, Mode
from core.rules.policies import stops
from core.shipping import decide
from core.shipping.commands import SetAside
from core.shipping.eligibility import STOPS
from core.shipping.queries import AskDock, AskParcelInHand, AskPlace, AskStaying
from core.shipping.states import (
    ConfirmClose,
    Loading,
    LookAtDock,
    OpeningList,
    ScanParcel,
    SettleBox,
    Standing,
    State,
    TakeOut,
)
from core.shipping.views import CarrierLoad, DockView, ParcelInHand, StoppedParcel

_NOWHERE, _NO_PARCEL = LocationId(NO_ID), ParcelId(NO_ID)
SHELVES = (LocationRole.HOSPITAL, LocationRole.QUARANTINE, LocationRole.PACK, LocationRole.STAGE)
"""Places where a parcel that must not go may lie."""


def refuse(state: State, reason: Reason, **facts: str | int) -> Step:
    """Return the step that says no and changes nothing."""
    return Step(state, (Refuse(Refusal(reason, facts)),))


def not_now(state: State, event: Scanned | Pressed | Weighed) -> Step:
    """Return the step that refuses what is no answer here; an unknown code is said to be one."""
    match event:
        case Scanned(candidates=()):
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        case Scanned():
            return refuse(state, Reason.COMMAND_NOT_NOW, got=event.candidates[0].code)
        case Pressed(verb=verb):
            return refuse(state, Reason.COMMAND_NOT_NOW, command=verb)
        case Weighed():
            return refuse(state, Reason.COMMAND_NOT_NOW)


class DispatchFlow:
    """One loader at one dock, one van at a time."""

    NAME: ClassVar[str] = "dispatch"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = True

    def __init__(self, *, shared: bool = False) -> None:
        """Load parcels.

        Args:
            shared: whether other stations close parcels: a label then says in a square code what is in it.
        """
        self._shared = shared

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at the dock; `argument` is the code of the one that was scanned."""
        labels = int(_scan_back(context).mode != Mode.OFF)
        return Step(LookAtDock(), (Ask(AskDock(context.site, context.station, _NOWHERE, labels, argument)),))

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look again; a parcel that must not go is still in somebody's hands."""
        if isinstance(state, SettleBox):
            return Step(state)
        dock = _NOWHERE if isinstance(state, LookAtDock) else state.view.dock
        return self._look(context, dock, state.standing)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return the labels that wait for this van, and the keys."""
        match state:
            case ScanParcel(view=view, standing=standing):
                loads = [each for each in view.loads if standing.carrier in ("", each.carrier)]
                labels = tuple(Expect("parcel", each, "next") for load in loads for each in load.next_labels)
                close = tuple(Expect("key", "CONFIRM", "close") for load in loads if load.loaded)[:1]
                return (*labels, *close, Expect("key", "UNDO", "undo"))
            case SettleBox(parcel=parcel):
                return (
                    Expect("parcel", parcel.sscc, "next"),
                    Expect("key", "YES", "next"),
                    Expect("key", "NO", "back"),
                )
            case TakeOut():
                return (Expect("parcel", "", "next"), Expect("key", "NO", "back"))
            case ConfirmClose():
                return (Expect("key", "YES", "next"), Expect("key", "NO", "back"))
            case _:
                return ()

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram.

        Raises:
            Bug: the event cannot happen in this state.
        """
        if isinstance(event, PrintMoved):
            return Step(state)
        if isinstance(event, Scanned) and event.rejected is not None:
            return self._unknown(state, event)
        match state:
            case LookAtDock():
                return self._look_at_dock(state, event)
            case ScanParcel():
                return self._scan_parcel(state, event, context)
            case OpeningList():
                return self._opening_list(state, event, context)
            case Loading():
                return self._loading(state, event, context)
            case SettleBox():
                return self._settle_box(state, event, context)
            case TakeOut():
                return self._take_out(state, event, context)
            case ConfirmClose():
                return self._confirm_close(state, event, context)

    def _look(self, context: Context, dock: LocationId, standing: Standing, *before: Effect) -> Step:
        labels = int(_scan_back(context).mode != Mode.OFF)
        return Step(LookAtDock(standing), (*before, Ask(AskDock(context.site, context.station, dock, labels))))

    def _look_at_dock(self, state: LookAtDock, event: Event) -> Step:
        match event:
            case Answered(query=AskDock(), answer=view):
                return Step(ScanParcel(view, state.standing))
            case Scanned() | Pressed() | Weighed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while looking at the dock")

    # A scan

    def _unknown(self, state: State, event: Scanned) -> Step:
        """Return the step that refuses a code that names nothing; a label's number leads to the code beside it, which says it all."""
        if self._shared and is_label_number(event.raw):
            return refuse(state, Reason.PARCEL_UNHEARD, got=event.raw)
        return refuse(state, event.rejected or Reason.UNKNOWN_CODE, got=event.raw)

    def _scan_parcel(self, state: ScanParcel, event: Event, context: Context) -> Step:
        match event:
            case Scanned():
                return self._scanned(state, event, context)
            case Answered(query=AskParcelInHand(parcel=parcel), answer=answer):
                if answer is None:
                    return refuse(state, Reason.NOT_FOUND)
                if parcel == state.standing.last and answer.loaded_at:
                    return self._unload(state, answer, event, context)
                return self._in_hand(state, answer, event, context)
            case Answered(query=AskPlace(), answer=place):
                return self._place(state, place, event, context)
            case Answered(query=AskStaying(), answer=staying):
                if staying is None or not staying.parcels:
                    return refuse(state, Reason.MANIFEST_EMPTY)
                return Step(ConfirmClose(state.view, staying, state.standing), (Play(Tone.CAUTION),))
            case Pressed():
                return self._key(state, event, context)
            case Weighed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} at the dock")

    def _key(self, state: ScanParcel, event: Pressed, context: Context) -> Step:
        match event:
            case Pressed(verb=Verb.UNDO) if state.standing.last != NO_ID:
                return Step(state, (Ask(AskParcelInHand(context.site, state.standing.last)),))
            case Pressed(verb=Verb.UNDO) if any(load.loaded for load in state.view.loads):
                return Step(TakeOut(state.view, state.standing), (Play(Tone.CAUTION),))
            case Pressed(verb=Verb.UNDO):
                return refuse(state, Reason.NOTHING_TO_UNDO)
            case Pressed(verb=Verb.NO) if state.question:
                return Step(replace(state, question=""), (Play(Tone.ACCEPT),))
            case Pressed(verb=Verb.CONFIRM, argument=argument):
                return self._ask_close(state, argument or state.standing.carrier, context)
            case Pressed(verb=Verb.CALL):
                kind = CaseKind.OVERRIDE_NEEDED if context.stopped_by else CaseKind.CALL
                facts = (("check", context.stopped_by),) if context.stopped_by else ()
                call = OpenCase(**context.stamp(event), kind=kind, facts=facts)
                return Step(Loading(state.view, Note.CASE_OPENED, (), state.standing), (Run(call),))
            case _:
                return not_now(state, event)

    def _ask_close(self, state: ScanParcel, carrier: str, context: Context) -> Step:
        loads = [load for load in state.view.loads if load.loaded and carrier in ("", load.carrier)]
        if not loads:
            return refuse(state, Reason.MANIFEST_EMPTY)
        return Step(state, (Ask(AskStaying(context.site, loads[0].manifest)),))

    def _scanned(self, state: ScanParcel, event: Scanned, context: Context) -> Step:
        code = parcel_in(event.raw)
        if not event.candidates and code is None:
            return self._unknown(state, event)
        places, parcels = event.of(CodeKind.LOCATION), event.of(CodeKind.PARCEL)
        if len(places) + len(parcels) > 1:
            return refuse(state, Reason.AMBIGUOUS_CODE, got=event.raw)
        if places:
            return Step(state, (Ask(AskPlace(context.site, LocationId(places[0].target))),))
        if code is not None and code.parcel == state.standing.last:
            return refuse(state, Reason.ALREADY_LOADED, label=code.sscc)
        if not parcels and code is not None:
            # Its bench closed it and was not heard since: its label speaks for it.
            return Step(state, (Ask(AskParcelInHand(context.site, code.parcel, code)),))
        if not parcels:
            return refuse(state, Reason.WRONG_KIND, expected_kind="parcel", got=event.candidates[0].code)
        if parcels[0].target == state.standing.last:
            return refuse(state, Reason.ALREADY_LOADED, label=parcels[0].code)
        if parcels[0].code == state.question and not event.settled:
            return refuse(state, Reason.RESCAN_TOO_FAST, got=parcels[0].code)
        return Step(state, (Ask(AskParcelInHand(context.site, ParcelId(parcels[0].target), code)),))

    def _place(self, state: ScanParcel, place: Location | None, event: Answered, context: Context) -> Step:
        standing = state.standing
        if place is None:
            return refuse(state, Reason.NOT_FOUND)
        if place.role is LocationRole.SHIP:
            # Another van, at this dock or the next: its first parcel says whose.
            said = Say(Note.DOCK_OPEN, {"dock": place.code})
            return self._look(context, place.id, replace(standing, carrier=""), Play(Tone.ACCEPT), said)
        if not standing.stopped or place.role not in SHELVES:
            return refuse(state, Reason.WRONG_LOCATION, expected=state.view.dock_code, got=place.code)
        stopped, *others = standing.stopped
        command = SetAside(
            **context.stamp(event), parcel=stopped.parcel, order=stopped.order, shelf=place.id, reason=stopped.reason,
            bench=stopped.bench, inside=stopped.inside,
        )  # fmt: skip
        facts = (("label", stopped.sscc), ("place", place.code))
        left = replace(standing, stopped=tuple(others))
        return Step(Loading(state.view, Note.SET_ASIDE, facts, left), (Run(command),))

    # Into the van

    def _in_hand(self, state: ScanParcel, parcel: ParcelInHand, event: Answered, context: Context) -> Step:
        """Take a parcel if it may go; nothing is begun for one that may not."""
        facts: dict[str, str | int] = {"label": parcel.sscc, "order": parcel.order_number}
        if parcel.why_not is not None:
            refusal = Refusal(parcel.why_not, {**facts, "at": parcel.since})
            return Step(replace(state, standing=_stopped(state.standing, parcel, refusal)), (Refuse(refusal),))
        if state.standing.carrier not in ("", parcel.carrier):
            return refuse(state, Reason.WRONG_CARRIER, **facts, expected=state.standing.carrier, got=parcel.carrier)
        strict = _scan_back(context)
        if not parcel.labelled and strict.mode == Mode.BLOCK and Check.SCAN_BACK not in context.overridden:
            return refuse(state, Reason.NOT_LABELLED, **facts, **stops(Check.SCAN_BACK, strict))
        if not parcel.labelled and strict.mode == Mode.CONFIRM and state.question != parcel.sscc:
            said = Say(Note.LOADED, {**facts, "asked": 1})
            return Step(replace(state, question=parcel.sscc), (Play(Tone.CAUTION), said))
        tone = Tone.ACCEPT if parcel.labelled or strict.mode == Mode.OFF else Tone.CAUTION
        standing = replace(state.standing, carrier=parcel.carrier, last=parcel.parcel)
        load = next((each for each in state.view.loads if each.carrier == parcel.carrier), None)
        if load is None or load.manifest == NO_ID:
            manifest = ManifestId(derive(event.id, "manifest"))
            command = decide.open_list(state.view, parcel, manifest, context.stamp(event))
            return Step(OpeningList(state.view, parcel, manifest, standing), (Run(command),))
        return self._load(state.view, parcel, load.manifest, context.stamp(event), context, standing, tone)

    def _load(
        self,
        view: DockView,
        parcel: ParcelInHand,
        manifest: ManifestId,
        stamp: Stamp,
        context: Context,
        standing: Standing,
        tone: Tone,
    ) -> Step:
        needs = _scan_back(context).mode == Mode.BLOCK and Check.SCAN_BACK not in context.overridden
        command = decide.load(parcel, manifest, stamp, needs_label=needs)
        facts = (("label", parcel.sscc), ("order", parcel.order_number), ("carrier", parcel.carrier))
        after = decide.after_load(view, parcel, manifest)
        return Step(Loading(after, Note.LOADED, facts, standing, parcel, tone), (Run(command),))

    def _unload(
        self, state: ScanParcel | TakeOut | SettleBox, parcel: ParcelInHand, event: Answered, context: Context
    ) -> Step:
        command = decide.unload(parcel, context.stamp(event))
        facts = (("label", parcel.sscc), ("order", parcel.order_number))
        standing = replace(state.standing, last=_NO_PARCEL)
        return Step(Loading(state.view, Note.UNLOADED, facts, standing), (Run(command),))

    def _opening_list(self, state: OpeningList, event: Event, context: Context) -> Step:
        match event:
            case Done():
                stamp = context.stamp_after(event, "load")
                tone = Tone.ACCEPT if state.parcel.labelled or _scan_back(context).mode == Mode.OFF else Tone.CAUTION
                return self._load(state.view, state.parcel, state.manifest, stamp, context, state.standing, tone)
            case Failed(refusal=refusal):
                return self._look(context, state.view.dock, replace(state.standing, last=_NO_PARCEL), Refuse(refusal))
            case _:
                raise Bug(f"{event!r} while a list is begun")

    def _loading(self, state: Loading, event: Event, context: Context) -> Step:
        standing = state.standing
        match event:
            case Done(again=True) if state.parcel is not None and state.note == Note.LOADED:
                return Step(SettleBox(state.view, state.parcel, standing), (Play(Tone.CAUTION),))
            case Done():
                tone = Tone.DONE if state.note == Note.MANIFEST_CLOSED else state.tone
                effects = (Play(tone), Say(state.note, dict(state.facts)))
                if state.note == Note.LOADED and decide.knows_what_is_next(state.view, standing.carrier):
                    return Step(ScanParcel(state.view, standing), effects)
                return self._look(context, state.view.dock, standing, *effects)
            case Failed(refusal=refusal):
                if state.parcel is not None:
                    standing = _stopped(replace(standing, last=_NO_PARCEL), state.parcel, refusal)
                return self._look(context, state.view.dock, standing, Refuse(refusal))
            case _:
                raise Bug(f"{event!r} while loading")

    def _settle_box(self, state: SettleBox, event: Event, context: Context) -> Step:
        parcel = state.parcel
        match event:
            case Pressed(verb=Verb.YES):
                return self._settled(state, context)
            case Scanned() if _is_label_of(event, parcel):
                # It is still in somebody's hands, and goes in now.
                return self._settled(state, context)
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return Step(state, (Ask(AskParcelInHand(context.site, parcel.parcel)),))
            case Answered(query=AskParcelInHand(), answer=ParcelInHand() as found) if found.loaded_at:
                return self._unload(state, found, event, context)
            case Answered(query=AskParcelInHand()):
                # It came out elsewhere meanwhile.
                return self._look(context, state.view.dock, replace(state.standing, last=_NO_PARCEL))
            case Scanned() if event.of(CodeKind.PARCEL) or parcel_in(event.raw) is not None:
                return refuse(state, Reason.WRONG_PARCEL, expected=parcel.sscc, got=_label_in(event))
            case Scanned() | Pressed() | Weighed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while a parcel is in doubt")

    def _settled(self, state: SettleBox, context: Context) -> Step:
        facts: dict[str, str | int] = {"label": state.parcel.sscc, "order": state.parcel.order_number}
        return self._look(context, state.view.dock, state.standing, Play(Tone.ACCEPT), Say(Note.LOADED, facts))

    # Out of the van, and away

    def _take_out(self, state: TakeOut, event: Event, context: Context) -> Step:
        match event:
            case Scanned() if event.of(CodeKind.PARCEL):
                return Step(state, (Ask(AskParcelInHand(context.site, ParcelId(event.of(CodeKind.PARCEL)[0].target))),))
            case Scanned() if (code := parcel_in(event.raw)) is not None:
                return Step(state, (Ask(AskParcelInHand(context.site, code.parcel)),))
            case Answered(query=AskParcelInHand(), answer=ParcelInHand() as parcel):
                if not parcel.loaded_at:
                    return refuse(state, Reason.NOT_LOADED, label=parcel.sscc)
                return self._unload(state, parcel, event, context)
            case Answered(query=AskParcelInHand(), answer=None):
                return refuse(state, Reason.NOT_FOUND)
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return Step(ScanParcel(state.view, state.standing), (Play(Tone.ACCEPT),))
            case Scanned(candidates=()):
                return self._unknown(state, event)
            case Scanned():
                return refuse(state, Reason.WRONG_KIND, expected_kind="parcel", got=event.candidates[0].code)
            case Pressed() | Weighed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while a parcel comes out")

    def _confirm_close(self, state: ConfirmClose, event: Event, context: Context) -> Step:
        staying = state.staying
        match event:
            case Pressed(verb=Verb.YES):
                command = decide.close(staying, context.stamp(event))
                facts = (("number", staying.number), ("parcels", len(staying.parcels)), ("carrier", staying.carrier))
                left = replace(state.standing, carrier="", last=_NO_PARCEL)
                return Step(Loading(state.view, Note.MANIFEST_CLOSED, facts, left), (Run(command),))
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return self._look(context, state.view.dock, state.standing, Play(Tone.ACCEPT))
            case Scanned() | Pressed() | Weighed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while closing is confirmed")


def _scan_back(context: Context) -> Rule:
    return context.policies.rule(Check.SCAN_BACK, printer=LABEL_PRINTER)


def _label_in(event: Scanned) -> str:
    """Return the label number that a scan says; the text itself where it says none."""
    code, parcels = parcel_in(event.raw), event.of(CodeKind.PARCEL)
    return code.sscc if code is not None else parcels[0].code if parcels else event.raw


def _is_label_of(event: Scanned, parcel: ParcelInHand) -> bool:
    return _label_in(event) == parcel.sscc


def _stopped(standing: Standing, parcel: ParcelInHand, refusal: Refusal) -> Standing:
    """Return what stands before the loader once a parcel was refused: the slab, if it must be carried away."""
    if refusal.reason not in STOPS:
        return standing
    at = int(refusal.facts.get("at", 0))
    new = StoppedParcel(
        parcel.parcel, parcel.sscc, parcel.order, parcel.order_number, refusal.reason, at, parcel.bench, parcel.inside
    )
    others = tuple(each for each in standing.stopped if each.parcel != parcel.parcel)
    return replace(standing, stopped=(new, *others))


def total(loads: tuple[CarrierLoad, ...]) -> tuple[int, int]:
    """Return how many parcels are loaded and how many there are, over all carriers."""
    loaded = sum(load.loaded for load in loads)
    return loaded, loaded + sum(load.waiting for load in loads)


__all__ = [
    "ConfirmClose", "DispatchFlow", "Loading", "LookAtDock", "OpeningList", "ScanParcel", "SettleBox", "Standing", "State",
    "TakeOut", "total",
]  # fmt: skip
