"""Dispatch: every parcel is scanned on its way into the van, and the list is closed when the van leaves.

The loader stands at a dock between cages and the van. Every parcel is scanned as it goes in; the first of a carrier
begins its list. A parcel that must not go is refused as loud as can be, and keeps a slab on the screen until it lies on
the problem shelf, while loading goes on below. Closing shows first what would stay behind.

    LookAtDock --dock--> ScanParcel
    ScanParcel --parcel--> TakeParcel
    TakeParcel --carrier without a list--> OpeningList
    TakeParcel --may go--> Loading
    TakeParcel --must not go--> ScanParcel
    OpeningList --done--> Loading
    Loading --done--> LookAtDock
    Loading --refused--> ScanParcel
    ScanParcel --dock--> LookAtDock
    ScanParcel --UNDO--> Loading
    ScanParcel --shelf, for a stopped parcel--> Loading
    ScanParcel --CONFIRM--> ConfirmClose
    ConfirmClose --YES--> Loading
    ConfirmClose --NO--> LookAtDock
"""

from dataclasses import dataclass
from typing import Any, ClassVar

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
from core.rules.model import Check, Mode
from core.shipping.commands import (
    CloseManifest,
    Loaded,
    LoadParcel,
    OpenManifest,
    SetAside,
    UnloadParcel,
)
from core.shipping.queries import AskDock, AskParcelInHand, AskStaying
from core.shipping.views import CarrierLoad, DockView, ParcelInHand, Staying, StoppedParcel

_STOPS = (Reason.ORDER_CANCELLED, Reason.ORDER_HELD, Reason.ORDER_CHANGED, Reason.LABEL_VOID)
"""Refusals after which a parcel must be carried away."""


@dataclass(frozen=True, slots=True)
class LookAtDock:
    """The load is being looked up."""

    stopped: StoppedParcel | None = None
    last: ParcelId = ParcelId(NO_ID)


@dataclass(frozen=True, slots=True)
class ScanParcel:
    """Scan the next parcel."""

    view: DockView
    stopped: StoppedParcel | None = None
    last: ParcelId = ParcelId(NO_ID)
    """The parcel loaded last, for undo."""


@dataclass(frozen=True, slots=True)
class OpeningList:
    """The carrier's list is being begun; the parcel in hand goes on it next."""

    view: DockView
    parcel: ParcelInHand
    manifest: ManifestId
    stopped: StoppedParcel | None


@dataclass(frozen=True, slots=True)
class Loading:
    """A command is being written."""

    view: DockView
    note: str
    facts: tuple[tuple[str, str | int], ...]
    stopped: StoppedParcel | None
    last: ParcelId
    parcel: ParcelInHand | None = None


@dataclass(frozen=True, slots=True)
class ConfirmClose:
    """The list can be closed: this stays behind."""

    view: DockView
    staying: Staying


State = LookAtDock | ScanParcel | OpeningList | Loading | ConfirmClose


def refuse(state: State, reason: Reason, **facts: str | int) -> Step:
    """Return the step that says no and changes nothing."""
    return Step(state, (Refuse(Refusal(reason, facts)),))


class DispatchFlow:
    """One loader at one dock, every carrier that leaves from it."""

    NAME: ClassVar[str] = "dispatch"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = True

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at the dock."""
        return self._look(context, LocationId(NO_ID))

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look again; a parcel that must not go is still in somebody's hands."""
        match state:
            case ScanParcel(view=view, stopped=stopped, last=last):
                return self._look(context, view.dock, stopped=stopped, last=last)
            case _:
                return self.begin("", at, cause, context)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return the labels that wait, and the keys."""
        match state:
            case ScanParcel(view=view):
                labels = tuple(Expect("parcel", each, "next") for load in view.loads for each in load.next_labels)
                close = tuple(Expect("key", "CONFIRM", "close") for load in view.loads if load.loaded)[:1]
                return (*labels, *close, Expect("key", "UNDO", "undo"))
            case ConfirmClose():
                return (Expect("key", "YES", "next"), Expect("key", "NO", "back"))
            case _:
                return ()

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram."""
        if isinstance(event, PrintMoved):
            return Step(state)
        if isinstance(event, Scanned) and event.rejected is not None:
            return refuse(state, event.rejected, got=event.raw)
        match state:
            case LookAtDock():
                return self._look_at_dock(state, event)
            case ScanParcel():
                return self._scan_parcel(state, event, context)
            case OpeningList():
                return self._opening_list(state, event, context)
            case Loading():
                return self._loading(state, event, context)
            case ConfirmClose():
                return self._confirm_close(state, event, context)

    def _look(
        self,
        context: Context,
        dock: LocationId,
        *before: Effect,
        stopped: StoppedParcel | None = None,
        last: ParcelId = ParcelId(NO_ID),  # noqa: B008  a constant
    ) -> Step:
        return Step(LookAtDock(stopped, last), (*before, Ask(AskDock(context.site, dock))))

    def _look_at_dock(self, state: LookAtDock, event: Event) -> Step:
        match event:
            case Answered(query=AskDock(), answer=view):
                return Step(ScanParcel(view, state.stopped, state.last))
            case Scanned() | Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while looking at the dock")

    def _scan_parcel(self, state: ScanParcel, event: Event, context: Context) -> Step:
        match event:
            case Scanned():
                return self._scanned(state, event, context)
            case Answered(query=AskParcelInHand(parcel=parcel), answer=answer):
                if answer is None:
                    return refuse(state, Reason.NOT_FOUND)
                if parcel == state.last and answer.loaded_at:
                    return self._answered_last(state, answer, event, context)
                return self._in_hand(state, answer, event, context)
            case Answered(query=AskStaying(), answer=staying):
                if staying is None or not staying.parcels:
                    return refuse(state, Reason.MANIFEST_EMPTY)
                return Step(ConfirmClose(state.view, staying), (Play(Tone.CAUTION),))
            case Pressed(verb=Verb.UNDO) if state.last != NO_ID:
                return Step(state, (Ask(AskParcelInHand(context.site, state.last)),))
            case Pressed(verb=Verb.UNDO):
                return refuse(state, Reason.NOTHING_TO_UNDO)
            case Pressed(verb=Verb.CONFIRM, argument=argument):
                return self._ask_close(state, argument, context)
            case Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} at the dock")

    def _answered_last(self, state: ScanParcel, parcel: ParcelInHand, event: Answered, context: Context) -> Step:
        """Take the parcel loaded last out again: it was asked for by undo."""
        command = UnloadParcel(
            **context.stamp(event), parcel=parcel.parcel, manifest=parcel.manifest, order=parcel.order,
            fulfilment=parcel.fulfilment, bench=parcel.bench, inside=parcel.inside,
        )  # fmt: skip
        facts = (("label", parcel.sscc), ("order", parcel.order_number))
        return Step(Loading(state.view, Note.UNLOADED, facts, state.stopped, ParcelId(NO_ID)), (Run(command),))

    def _ask_close(self, state: ScanParcel, carrier: str, context: Context) -> Step:
        loads = [load for load in state.view.loads if load.loaded and carrier in ("", load.carrier)]
        if not loads:
            return refuse(state, Reason.MANIFEST_EMPTY)
        return Step(state, (Ask(AskStaying(context.site, loads[0].manifest)),))

    def _scanned(self, state: ScanParcel, event: Scanned, context: Context) -> Step:
        if not event.candidates:
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        places, parcels = event.of(CodeKind.LOCATION), event.of(CodeKind.PARCEL)
        if places and state.stopped is not None:
            stopped = state.stopped
            command = SetAside(
                **context.stamp(event), parcel=stopped.parcel, order=stopped.order,
                shelf=LocationId(places[0].target), reason=stopped.reason,
            )  # fmt: skip
            facts = (("label", stopped.sscc), ("place", places[0].code))
            return Step(Loading(state.view, Note.SET_ASIDE, facts, None, state.last), (Run(command),))
        if places:
            return self._look(
                context, LocationId(places[0].target), Play(Tone.ACCEPT), Say(Note.DOCK_OPEN, {"dock": places[0].code})
            )
        if not parcels:
            return refuse(state, Reason.WRONG_KIND, expected_kind="parcel", got=event.candidates[0].code)
        if parcels[0].target == state.last:
            return refuse(state, Reason.ALREADY_LOADED, label=parcels[0].code)
        return Step(state, (Ask(AskParcelInHand(context.site, ParcelId(parcels[0].target))),))

    def _in_hand(self, state: ScanParcel, parcel: ParcelInHand, event: Answered, context: Context) -> Step:
        load = next((each for each in state.view.loads if each.carrier == parcel.carrier), None)
        if load is None or load.manifest == NO_ID:
            if parcel.loaded_at:
                return refuse(state, Reason.ALREADY_LOADED, label=parcel.sscc, order=parcel.order_number)
            manifest = ManifestId(derive(event.id, "manifest"))
            command = OpenManifest(
                **context.stamp(event), manifest=manifest, number=state.view.next_number, carrier=parcel.carrier,
                dock=state.view.dock,
            )  # fmt: skip
            return Step(OpeningList(state.view, parcel, manifest, state.stopped), (Run(command),))
        return self._load(state.view, parcel, load.manifest, context.stamp(event), context, state.stopped)

    def _load(
        self,
        view: DockView,
        parcel: ParcelInHand,
        manifest: ManifestId,
        stamp: Stamp,
        context: Context,
        stopped: StoppedParcel | None,
    ) -> Step:
        needs = context.policies.get(Check.SCAN_BACK) == Mode.BLOCK
        command = LoadParcel(
            **stamp, parcel=parcel.parcel, manifest=manifest, order=parcel.order, fulfilment=parcel.fulfilment,
            bench=parcel.bench, inside=parcel.inside,
            needs_label=int(needs),
        )  # fmt: skip
        facts = (("label", parcel.sscc), ("order", parcel.order_number), ("carrier", parcel.carrier))
        return Step(Loading(view, Note.LOADED, facts, stopped, parcel.parcel, parcel), (Run(command),))

    def _opening_list(self, state: OpeningList, event: Event, context: Context) -> Step:
        match event:
            case Done():
                stamp = context.stamp_after(event, "load")
                return self._load(state.view, state.parcel, state.manifest, stamp, context, state.stopped)
            case Failed(refusal=refusal):
                return self._look(context, state.view.dock, Refuse(refusal), stopped=state.stopped)
            case _:
                raise Bug(f"{event!r} while a list is begun")

    def _loading(self, state: Loading, event: Event, context: Context) -> Step:
        match event:
            case Done():
                tone = Tone.DONE if state.note == Note.MANIFEST_CLOSED else Tone.ACCEPT
                effects = (Play(tone), Say(state.note, dict(state.facts)))
                return self._look(context, state.view.dock, *effects, stopped=state.stopped, last=state.last)
            case Failed(refusal=refusal):
                stopped = state.stopped
                if refusal.reason in _STOPS and state.parcel is not None:
                    parcel = state.parcel
                    at = refusal.facts.get("at", 0)
                    stopped = StoppedParcel(
                        parcel.parcel, parcel.sscc, parcel.order, parcel.order_number, refusal.reason, int(at)
                    )
                return self._look(context, state.view.dock, Refuse(refusal), stopped=stopped)
            case _:
                raise Bug(f"{event!r} while loading")

    def _confirm_close(self, state: ConfirmClose, event: Event, context: Context) -> Step:
        staying = state.staying
        match event:
            case Pressed(verb=Verb.YES | Verb.CONFIRM):
                parcels = tuple(Loaded(parcel, order) for parcel, order in staying.parcels)
                command = CloseManifest(**context.stamp(event), manifest=staying.manifest, parcels=parcels)
                facts = (("number", staying.number), ("parcels", len(parcels)), ("carrier", staying.carrier))
                waiting = Loading(state.view, Note.MANIFEST_CLOSED, facts, None, ParcelId(NO_ID))
                return Step(waiting, (Run(command),))
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return self._look(context, state.view.dock, Play(Tone.ACCEPT))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while closing is confirmed")


def total(loads: tuple[CarrierLoad, ...]) -> tuple[int, int]:
    """Return how many parcels are loaded and how many there are, over all carriers."""
    loaded = sum(load.loaded for load in loads)
    return loaded, loaded + sum(load.waiting for load in loads)
