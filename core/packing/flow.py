"""Packing at a bench: open a tote, take a carton, verify every unit into it, stick the label on.

A tote stands on the bench. The packer scans it and its order opens; scans a carton (or the first unit, which takes the
proposed one); scans each unit on its way into the carton. The last unit closes the carton: label and slip print. The
label is stuck on and scanned back, which proves that it is printed, legible and on the right box. Out of a tote of
single units, a scan of a unit opens its order, packs it and closes it in one.

    LookForWork --due--> ScanWork
    ScanWork --tote, order--> ScanCarton
    ScanWork --a tote with an open carton--> VerifyUnit
    ScanWork --single unit--> Saving
    ScanCarton --carton--> VerifyUnit
    ScanCarton --unit--> Saving
    VerifyUnit --unit--> Saving
    VerifyUnit --last unit, to be weighed--> Saving
    VerifyUnit --carton--> VerifyUnit
    VerifyUnit --weight--> VerifyUnit
    VerifyUnit --FULL, UNDO--> Saving
    VerifyUnit, ScanCarton --SHORT--> AskMissing
    AskMissing --QTY-1, QTY-2--> Saving
    AskMissing --NO--> ScanCarton, VerifyUnit
    WeighParcel --weight--> Saving
    WeighParcel --weight outside--> WeighParcel
    WeighParcel --YES, UNDO--> Saving
    Saving --done--> ScanCarton, VerifyUnit, WeighParcel, StickLabel, LookForWork
    Saving --refused--> StopPacking, LookForWork
    StickLabel --label--> Saving
    StickLabel --REPRINT--> AskReprintReason
    StickLabel --NOTPRINTED--> Saving
    StickLabel --UNDO--> ConfirmReopen
    StickLabel --SKIP--> LookForWork
    AskReprintReason --QTY--> Saving
    AskReprintReason --NO--> StickLabel
    ConfirmReopen --YES--> Saving
    ConfirmReopen --NO--> StickLabel
    StopPacking --CONFIRM, scan--> LookForWork
"""

from dataclasses import replace
from typing import Any, ClassVar

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
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
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import CommandId, ParcelId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing import decide
from core.packing.commands import ConfirmLabel, PackUnits, ParkTote, ReopenParcel, ReprintLabel
from core.packing.expects import REPRINT_REASONS, expected
from core.packing.last_packed import AskLastPacked
from core.packing.queries import AskClosed, AskDue, AskPack
from core.packing.states import (
    AskMissing,
    AskReprintReason,
    ConfirmReopen,
    LookForWork,
    Saving,
    ScanCarton,
    ScanWork,
    State,
    StickLabel,
    StopPacking,
    VerifyUnit,
    WeighParcel,
)
from core.packing.views import BoxChoice, ClosedParcel, PackView
from core.rules.model import Check, Mode

_STOPS = (Reason.ORDER_CANCELLED, Reason.ORDER_HELD, Reason.ORDER_CHANGED)


def refuse(state: State, reason: Reason, **facts: str | int) -> Step:
    """Return the step that says no and changes nothing."""
    return Step(state, (Refuse(Refusal(reason, facts)),))


def _mode(context: Context, check: Check) -> str:
    return context.policies.get(check, Mode.INFORM)


class PackFlow:
    """One packer, one order at a time."""

    NAME: ClassVar[str] = "pack"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = True

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look for what is due."""
        return self._look(context)

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Bring the order up to date, or look for what is due."""
        match state:
            case ScanCarton(view=view) | VerifyUnit(view=view) | WeighParcel(view=view) | AskMissing(view=view):
                return Step(state, (Ask(AskPack(context.site, CodeKind.BATCH, view.fulfilment)),))
            case StickLabel() | AskReprintReason() | ConfirmReopen():
                return Step(state)
            case _:
                return self._look(context)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return what the state takes next."""
        return expected(state)

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram."""
        if isinstance(event, PrintMoved):
            return self._print_moved(state, event)
        if isinstance(event, Scanned) and event.rejected is not None:
            return refuse(state, event.rejected, got=event.raw)
        match state:
            case LookForWork():
                return self._look_for_work(state, event)
            case ScanWork():
                return self._scan_work(state, event, context)
            case ScanCarton():
                return self._scan_carton(state, event, context)
            case VerifyUnit():
                return self._verify_unit(state, event, context)
            case WeighParcel():
                return self._weigh_parcel(state, event, context)
            case AskMissing():
                return self._ask_missing(state, event, context)
            case Saving():
                return self._saving(state, event, context)
            case StickLabel():
                return self._stick_label(state, event, context)
            case AskReprintReason():
                return self._ask_reprint_reason(state, event, context)
            case ConfirmReopen():
                return self._confirm_reopen(state, event, context)
            case StopPacking():
                return self._stop_packing(state, event, context)

    # What to pack

    def _look(self, context: Context, *before: Effect) -> Step:
        return Step(LookForWork(), (*before, Ask(AskDue(context.site))))

    def _look_for_work(self, state: LookForWork, event: Event) -> Step:
        match event:
            case Answered(query=AskDue(), answer=due):
                return Step(ScanWork(due))
            case Scanned() | Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while looking for work")

    def _scan_work(self, state: ScanWork, event: Event, context: Context) -> Step:
        match event:
            case Scanned():
                return self._scanned_work(state, event, context)
            case Answered(query=AskPack() as query, answer=PackView() as view):
                if query.kind is CodeKind.ITEM:
                    return self._single(state, view, query, event, context)
                return self._opened(view, Play(Tone.ACCEPT), Say(Note.OPENED, {"order": view.order_number}))
            case Answered(answer=Refusal() as refusal):
                return Step(state, (Refuse(refusal),))
            case Answered(query=AskClosed(), answer=ClosedParcel() as parcel):
                if parcel.applied:
                    return Step(StickLabel(parcel, "applied"), (Play(Tone.ACCEPT),))
                # The label in hand, read from a box that stood there without: that is its scan-back.
                return self._applied(parcel, ConfirmLabel(**context.stamp(event), parcel=parcel.parcel))
            case Answered(answer=None):
                return refuse(state, Reason.NOT_FOUND)
            case Pressed(verb=Verb.CONFIRM):
                return self._look(context)
            case Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} before an order")

    def _scanned_work(self, state: State, event: Scanned, context: Context) -> Step:
        if not event.candidates:
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        known = event.of(CodeKind.TOTE, CodeKind.ORDER, CodeKind.ITEM, CodeKind.PARCEL)
        if not known:
            got = event.candidates[0]
            return refuse(state, Reason.WRONG_KIND, expected_kind="tote", got=got.code)
        if len({each.kind for each in known}) > 1:
            return refuse(state, Reason.AMBIGUOUS_CODE, got=event.raw)
        one = known[0]
        if one.kind is CodeKind.PARCEL:
            return Step(state, (Ask(AskClosed(context.site, ParcelId(one.target))),))
        return Step(state, (Ask(AskPack(context.site, one.kind, one.target, one.code)),))

    def _opened(self, view: PackView, *effects: Effect) -> Step:
        box = decide.box_of(view)
        if box is not None:
            return Step(VerifyUnit(view, box), effects)
        return Step(ScanCarton(view), effects)

    def _single(self, state: ScanWork, view: PackView, query: AskPack, event: Answered, context: Context) -> Step:
        """Pack and close a loose unit's order with the one scan that named it."""
        box = decide.box_named(view, view.proposed)
        asks = _mode(context, Check.CARTON_SIZE) in (Mode.CONFIRM, Mode.BLOCK)
        if view.left != 1 or box is None or asks or self._must_weigh(context):
            return self._opened(view, Play(Tone.ACCEPT), Say(Note.OPENED, {"order": view.order_number}))
        line = view.lines[0]
        if line.serial_control or (line.lot_control and len({each.lot_code for each in view.loose}) > 1):
            return self._opened(view, Play(Tone.ACCEPT), Say(Note.OPENED, {"order": view.order_number}))
        return self._close(view, box, event, context, decide.all_units(view), 0)

    # Into the carton

    def _scan_carton(self, state: ScanCarton, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Scanned():
                boxes = event.of(CodeKind.BOX_TYPE)
                if boxes:
                    return self._carton(view, boxes[0].code, state, event, context)
                box = decide.box_named(view, view.proposed)
                free = _mode(context, Check.CARTON_SIZE) in (Mode.OFF, Mode.INFORM)
                if event.of(CodeKind.ITEM) and box is not None and free:
                    return self._verified(state, VerifyUnit(view, box), event, context)
                if not event.candidates:
                    return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
                return refuse(
                    state,
                    Reason.WRONG_KIND,
                    expected_kind="box_type",
                    expected=view.proposed,
                    got=event.candidates[0].code,
                )
            case Pressed(verb=Verb.BOX, argument=code):
                return self._carton(view, code, state, event, context)
            case Pressed(verb=Verb.SHORT):
                return Step(AskMissing(view, None), (Play(Tone.CAUTION),))
            case Pressed(verb=Verb.UNDO | Verb.NO):
                return self._look(context, Play(Tone.ACCEPT))
            case Answered(query=AskPack(), answer=answer):
                return self._refreshed(state, answer)
            case Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} before a carton")

    def _carton(self, view: PackView, code: str, state: State, event: Scanned | Pressed, context: Context) -> Step:
        box = decide.box_named(view, code)
        if box is None:
            return refuse(state, Reason.NOT_FOUND, got=code)
        if _mode(context, Check.VERIFY_UNITS) == Mode.OFF and not self._must_weigh(context):
            return self._close(view, box, event, context, decide.all_units(view), 0)
        weight = state.weight_grams if isinstance(state, VerifyUnit) else 0
        return Step(VerifyUnit(view, box, weight), (Play(Tone.ACCEPT), Say(Note.CARTON, {"carton": box.code})))

    def _verify_unit(self, state: VerifyUnit, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Scanned() if event.of(CodeKind.BOX_TYPE):
                return self._carton(view, event.of(CodeKind.BOX_TYPE)[0].code, state, event, context)
            case Scanned():
                return self._verified(state, state, event, context)
            case Weighed(grams=grams):
                return Step(replace(state, weight_grams=grams), (Say(Note.WEIGHED, {"grams": grams}),))
            case Answered(query=AskPack(), answer=answer):
                return self._refreshed(state, answer)
            case Answered(query=AskLastPacked(), answer=done):
                return self._unpack(state, event, done, context)
            case Pressed(verb=Verb.BOX, argument=code):
                return self._carton(view, code, state, event, context)
            case Pressed(verb=Verb.FULL):
                if view.parcel is None or view.parcel.units == 0:
                    return refuse(state, Reason.NOTHING_TO_PACK)
                return self._close(view, state.box, event, context, (), state.weight_grams)
            case Pressed(verb=Verb.CONFIRM) if _mode(context, Check.VERIFY_UNITS) in (Mode.OFF, Mode.INFORM):
                return self._close(view, state.box, event, context, decide.all_units(view), state.weight_grams)
            case Pressed(verb=Verb.UNDO) if view.parcel is not None:
                return Step(state, (Ask(AskLastPacked(context.station, view.parcel.id)),))
            case Pressed(verb=Verb.UNDO | Verb.NO):
                return Step(ScanCarton(view), (Play(Tone.ACCEPT),))
            case Pressed(verb=Verb.SHORT):
                return Step(AskMissing(view, state.box), (Play(Tone.CAUTION),))
            case Pressed(verb=Verb.CALL):
                command = OpenCase(
                    **context.stamp(event), kind=CaseKind.CALL, order=view.order, subject=view.fulfilment
                )
                return self._save(command, Note.CASE_OPENED, (), "pack", view.fulfilment, state)
            case Pressed():
                return refuse(state, Reason.COMMAND_NOT_NOW, command=event.verb)
            case _:
                raise Bug(f"{event!r} while units are verified")

    def _verified(self, shown: State, state: VerifyUnit, event: Scanned, context: Context) -> Step:
        """Take a scan as a unit that goes into the carton; refusals leave what is shown."""
        view = state.view
        if not event.candidates:
            serials = [each for each in view.loose if each.serial and each.serial == event.raw]
            if not serials:
                return refuse(shown, Reason.UNKNOWN_CODE, got=event.raw)
            units: decide.Verified | Refusal = (decide.unit_of(view, serials[0], serials[0].first, 1),)
        else:
            items = event.of(CodeKind.ITEM)
            if not items:
                return refuse(shown, Reason.WRONG_KIND, expected_kind="item", got=event.candidates[0].code)
            wanted = {line.item for line in view.lines}
            one = next((each for each in items if each.target in wanted), items[0])
            units = decide.verify(view, one, event.raw)
        if isinstance(units, Refusal):
            return Step(shown, (Refuse(units),))
        last = sum(unit.quantity for unit in units) >= view.left
        if last and not (self._must_weigh(context) and state.weight_grams == 0):
            return self._close(view, state.box, event, context, units, state.weight_grams)
        command = decide.pack(view, state.box, context.stamp(event), context, units)
        quantity = sum(unit.quantity for unit in units)
        sku = next(line.sku for line in view.lines if line.line == units[0].line)
        facts = (("item", sku), ("quantity", quantity), ("packed", view.packed + quantity), ("units", view.units))
        return self._save(command, Note.PACKED, facts, "pack", view.fulfilment, state)

    def _unpack(self, state: VerifyUnit, event: Answered, done: PackUnits | None, context: Context) -> Step:
        if done is None:
            return refuse(state, Reason.NOTHING_TO_UNDO)
        command = decide.unpack(done, context.stamp(event))
        return self._save(command, Note.UNDONE, (), "pack", state.view.fulfilment, state)

    def _save(
        self,
        command: Any,
        note: str,
        facts: tuple[tuple[str, str | int], ...],
        then: str,
        target: bytes,
        state: VerifyUnit,
    ) -> Step:
        return Step(Saving(note, facts, then, target, state.box, state.weight_grams, state.view), (Run(command),))

    def _close(
        self,
        view: PackView,
        box: BoxChoice,
        event: Scanned | Pressed | Answered | Weighed,
        context: Context,
        units: decide.Verified,
        weight_grams: int,
    ) -> Step:
        command = decide.close(view, box, context.stamp(event), context, units, weight_grams)
        facts = (("order", view.order_number), ("units", view.units), ("label", view.sscc))
        return Step(Saving(Note.CLOSED, facts, "closed", command.parcel, box, weight_grams, view), (Run(command),))

    def _refreshed(self, state: ScanCarton | VerifyUnit, answer: PackView | Refusal) -> Step:
        """Show the order as it is now: after a restart, or when somebody else changed it."""
        if isinstance(answer, Refusal):
            return Step(StopPacking(answer.reason, state.view), (Refuse(answer),))
        box = decide.box_of(answer)
        if box is None:
            return Step(ScanCarton(answer))
        return Step(VerifyUnit(answer, box, state.weight_grams if isinstance(state, VerifyUnit) else 0))

    # The scale

    def _must_weigh(self, context: Context) -> bool:
        return _mode(context, Check.WEIGHT) in (Mode.CONFIRM, Mode.BLOCK)

    def _weigh_parcel(self, state: WeighParcel, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Weighed(grams=grams):
                return self._weighed(state, event, grams, context)
            case Pressed(verb=Verb.YES) if state.outside:
                return self._close(view, state.box, event, context, (), state.outside)
            case Pressed(verb=Verb.NO) if state.outside:
                return Step(replace(state, outside=0), (Play(Tone.ACCEPT),))
            case Pressed(verb=Verb.UNDO) if view.parcel is not None:
                return Step(state, (Ask(AskLastPacked(context.station, view.parcel.id)),))
            case Answered(query=AskLastPacked(), answer=done):
                return self._unpack(VerifyUnit(view, state.box), event, done, context)
            case Answered(query=AskPack(), answer=PackView() as fresh):
                return Step(replace(state, view=fresh))
            case Answered(query=AskPack(), answer=Refusal() as refusal):
                return Step(StopPacking(refusal.reason, view), (Refuse(refusal),))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed():
                return refuse(state, Reason.WEIGHT_MISSING)
            case _:
                raise Bug(f"{event!r} at the scale")

    def _weighed(self, state: WeighParcel, event: Weighed, grams: int, context: Context) -> Step:
        check = decide.expected_weight(state.view, state.box, ())
        if not check.known or check.fits(grams):
            return self._close(state.view, state.box, event, context, (), grams)
        facts: dict[str, str | int] = {
            "got": grams, "expected": check.expected_grams, "tolerance": check.tolerance_grams, "override": Check.WEIGHT,
        }  # fmt: skip
        blocks = _mode(context, Check.WEIGHT) == Mode.BLOCK and check.may_block
        if blocks and Check.WEIGHT not in context.overridden:
            return Step(state, (Refuse(Refusal(Reason.WEIGHT_OUTSIDE, facts)),))
        if blocks:
            return self._close(state.view, state.box, event, context, (), grams)
        return Step(replace(state, outside=grams), (Play(Tone.CAUTION), Say(Note.WEIGHED, {"grams": grams})))

    # Units that are not there

    def _ask_missing(self, state: AskMissing, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Pressed(verb=Verb.QTY, argument="1"):
                fill = view.loose[0].fill if view.loose else view.fill_left[0][0]
                park = ParkTote(**context.stamp(event), order=view.order, fill=fill, reason="MISSING")
                return Step(
                    Saving(Note.IN_HOSPITAL, (("order", view.order_number),), "work", view.fulfilment), (Run(park),)
                )
            case Pressed(verb=Verb.QTY, argument="2"):
                command = decide.ship_short(view, context.stamp(event), "COULD_NOT_LOCATE")
                facts = (("order", view.order_number), ("quantity", view.left))
                closes = "short" if view.parcel is not None else "work"
                return Step(Saving(Note.MISSING, facts, closes, view.fulfilment, state.box, 0, view), (Run(command),))
            case Pressed(verb=Verb.NO | Verb.UNDO):
                back: State = ScanCarton(view) if state.box is None else VerifyUnit(view, state.box)
                return Step(back, (Play(Tone.ACCEPT),))
            case Answered(query=AskPack(), answer=answer):
                return self._refreshed(ScanCarton(view), answer)
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while units are missing")

    # After the commit

    def _saving(self, state: Saving, event: Event, context: Context) -> Step:
        match event:
            case Done():
                return self._saved(state, event, context)
            case Failed(refusal=refusal):
                if refusal.reason in _STOPS and state.back is not None:
                    return Step(StopPacking(refusal.reason, state.back), (Refuse(refusal),))
                return self._look(context, Refuse(refusal))
            case Answered(query=AskPack(), answer=PackView() as view):
                return self._go_on(state, view, context)
            case Answered(query=AskPack(), answer=Refusal() as refusal):
                if refusal.reason in _STOPS and state.back is not None:
                    return Step(StopPacking(refusal.reason, state.back), (Refuse(refusal),))
                return self._look(context)
            case Answered(query=AskClosed(), answer=ClosedParcel() as parcel):
                return Step(StickLabel(parcel))
            case Answered(query=AskClosed(), answer=None):
                return self._look(context)
            case _:
                raise Bug(f"{event!r} while saving")

    def _saved(self, state: Saving, event: Done, context: Context) -> Step:
        effects: tuple[Effect, ...] = (Play(Tone.ACCEPT), Say(state.note, dict(state.facts)))
        match state.then:
            case "pack":
                return Step(state, (*effects, Ask(AskPack(context.site, CodeKind.BATCH, state.target))))
            case "short":
                if state.back is None or state.box is None:
                    raise Bug("a short carton without its order")
                # What is in the carton goes: close it with that.
                view = replace(state.back, loose=())
                command = decide.close(view, state.box, context.stamp_after(event, "close short"), context, (), 0)
                return Step(
                    replace(state, then="closed", target=command.parcel, note=Note.CLOSED), (*effects, Run(command))
                )
            case "closed":
                if context.policies.get(Check.SCAN_BACK) == Mode.OFF:
                    return self._look(context, Play(Tone.DONE), Say(state.note, dict(state.facts)))
                ask = Ask(AskClosed(context.site, ParcelId(state.target)))
                return Step(state, (Play(Tone.DONE), Say(state.note, dict(state.facts)), ask))
            case "next":
                return Step(state, (*effects, Ask(AskPack(context.site, CodeKind.BATCH, state.target))))
            case _:
                return self._look(context, *effects)

    def _go_on(self, state: Saving, view: PackView, context: Context) -> Step:
        box = decide.box_of(view)
        if box is None:
            return Step(ScanCarton(view))
        if view.left == 0:
            if self._must_weigh(context):
                return Step(WeighParcel(view, box))
            return Step(VerifyUnit(view, box, state.weight_grams))
        return Step(VerifyUnit(view, state.box or box, state.weight_grams))

    # The label

    def _print_moved(self, state: State, event: PrintMoved) -> Step:
        if isinstance(state, StickLabel) and event.subject == state.parcel.parcel:
            return Step(replace(state, job_state=event.state, fault=event.fault))
        return Step(state)

    def _stick_label(self, state: StickLabel, event: Event, context: Context) -> Step:
        parcel = state.parcel
        match event:
            case Scanned():
                return self._scanned_label(state, event, context)
            case Pressed(verb=Verb.REPRINT):
                return Step(AskReprintReason(parcel), (Play(Tone.CAUTION),))
            case Pressed(verb=Verb.NOTPRINTED):
                command = ReprintLabel(**context.stamp(event), parcel=parcel.parcel, reason="NOT_PRINTED")
                facts = (("label", parcel.sscc),)
                return Step(Saving(Note.REPRINTING, facts, "closed", parcel.parcel), (Run(command),))
            case Pressed(verb=Verb.UNDO):
                return Step(ConfirmReopen(parcel), (Play(Tone.CAUTION),))
            case Pressed(verb=Verb.SKIP):
                # Packed, unlabelled is a real state: the bench goes on, the dock will ask.
                return self._look(context, Play(Tone.CAUTION), Say(Note.SKIPPED, {"label": parcel.sscc}))
            case Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while a label is stuck on")

    def _scanned_label(self, state: StickLabel, event: Scanned, context: Context) -> Step:
        parcel = state.parcel
        labels = event.of(CodeKind.PARCEL)
        if not event.candidates:
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        if not labels:
            return refuse(
                state, Reason.WRONG_KIND, expected_kind="parcel", expected=parcel.sscc, got=event.candidates[0].code
            )
        if labels[0].target != parcel.parcel:
            return refuse(state, Reason.WRONG_PARCEL, expected=parcel.sscc, got=labels[0].code)
        return self._applied(parcel, ConfirmLabel(**context.stamp(event), parcel=parcel.parcel))

    def _applied(self, parcel: ClosedParcel, command: ConfirmLabel) -> Step:
        facts = (("order", parcel.order_number), ("label", parcel.sscc))
        then, target = ("next", parcel.fulfilment) if parcel.more else ("work", parcel.parcel)
        return Step(Saving(Note.LABEL_APPLIED, facts, then, target), (Run(command),))

    def _ask_reprint_reason(self, state: AskReprintReason, event: Event, context: Context) -> Step:
        parcel = state.parcel
        match event:
            case Pressed(verb=Verb.QTY, argument=argument) if argument in ("1", "2", "3", "4"):
                reason = REPRINT_REASONS[int(argument) - 1]
                command = ReprintLabel(**context.stamp(event), parcel=parcel.parcel, reason=reason)
                facts = (("label", parcel.sscc),)
                return Step(Saving(Note.REPRINTING, facts, "closed", parcel.parcel), (Run(command),))
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return Step(StickLabel(parcel), (Play(Tone.ACCEPT),))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while a reason is asked for")

    def _confirm_reopen(self, state: ConfirmReopen, event: Event, context: Context) -> Step:
        parcel = state.parcel
        match event:
            case Pressed(verb=Verb.YES | Verb.CONFIRM):
                command = ReopenParcel(**context.stamp(event), parcel=parcel.parcel, reason="OPERATOR")
                facts = (("order", parcel.order_number),)
                return Step(Saving(Note.REOPENED, facts, "next", parcel.fulfilment), (Run(command),))
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return Step(StickLabel(parcel), (Play(Tone.ACCEPT),))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed() | Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while reopening is confirmed")

    def _stop_packing(self, state: StopPacking, event: Event, context: Context) -> Step:
        match event:
            case Pressed(verb=Verb.CONFIRM | Verb.YES | Verb.NO):
                return self._look(context, Play(Tone.ACCEPT))
            case Scanned() if event.of(CodeKind.LOCATION, CodeKind.TOTE):
                return self._look(context, Play(Tone.ACCEPT), Say(Note.SET_ASIDE, {"order": state.view.order_number}))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed() | Weighed():
                return refuse(state, state.reason, order=state.view.order_number)
            case _:
                raise Bug(f"{event!r} while an order is stopped")
