"""The flow by itself, without a database: events in, effects out, said word by word."""

from dataclasses import replace

import pytest

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Candidate,
    CodeKind,
    Go,
    Play,
    PrintMoved,
    Refuse,
    Rule,
    Run,
    Say,
    Tone,
    Verb,
)
from core.kernel.ids import (
    NO_ID,
    BatchId,
    CommandId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    OrderId,
    OwnerId,
    ReservationId,
    TaskId,
    ZoneId,
)
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.picking.commands import FinishBatch, PickUnits, ShortPick, SkipTask, StartBatch, SuspendBatch
from core.picking.flow import PickFlow
from core.picking.queries import AskCart, AskOther, AskReasons, AskTote, AskWork
from core.picking.states import (
    AskShortReason,
    BatchDone,
    GoToLocation,
    LookForWork,
    NoWork,
    PutInTote,
    Saving,
    ScanCart,
    TakeItem,
)
from core.picking.views import BatchOffer, Leftover, OtherStock, Picked, SlotView, TakeView, TaskView, ToteState
from core.rules.model import Check, Scope
from core.stock.model import StockKey
from core.waves.model import BatchKind
from tests.playbook import Playbook, context, pressed, scanned
from tests.support import NOON, PICKER, SITE, STATION, policies

BATCH, TASK = BatchId(b"batch-0000000001"), TaskId(b"task-00000000001")
ITEM, PLACE, ORDER = ItemId(b"item-00000000001"), LocationId(b"place-0000000001"), OrderId(b"order-0000000001")
PART, LINE = FulfilmentId(b"part-00000000001"), FulfilmentLineId(b"line-00000000001")
KEY = StockKey(owner=OwnerId(b"owner-0000000001"), item=ITEM, location=PLACE)
TAKE = TakeView(
    ReservationId(b"held-00000000001"), LINE, PART, ORDER, "101", 0, 1, 1, 3, FillId(NO_ID), ContainerId(NO_ID), ""
)
VIEW = TaskView(
    batch=BATCH, batch_number=7, wave_number=14, carrier="DHL", cut_off_at=NOON, kind=BatchKind.CLUSTER,
    place=LocationId(b"cart-place-00001"), cart_code="CART-01", task=TASK, key=KEY, location_code="A-12-03", zone="A",
    zone_id=ZoneId(b"zone-00000000001"),
    sku="MUG-BLUE", description="Mug", variant="blue", picture="", code="09501101003019", inner=0, lot="", expiry="",
    lot_control=0, serial_control=0, hazard="", takes=(TAKE,), slots=(SlotView(1, "101", "", 0, 3),), lines_done=0,
    lines_total=1, others_open=0, last_sequence=1, members=((PART, 0),), fills=(), full_fills=(), count_open=0,
    free_here=5, quarantine=LocationId(NO_ID), quarantine_code="", site_name="Sample",
)  # fmt: skip
OFFER = BatchOffer(BATCH, 7, BatchKind.CLUSTER, 14, "DHL", NOON, 1, 3, 1, "", ("CART-01",))


def named(kind: CodeKind, target: bytes, code: str) -> Candidate:
    return Candidate(kind=kind, target=target, code=code, label=code)


SHELF = named(CodeKind.LOCATION, PLACE, "A-12-03")
MUG = named(CodeKind.ITEM, ITEM, "MUG-BLUE")
TOTE = named(CodeKind.TOTE, b"tote-00000000001", "TOTE-0417")
CART = named(CodeKind.CART, b"cart-00000000001", "CART-01")


def done(**result: str | int) -> Done:
    return Done(CommandId(b"command-00000001"), NOON, result=result)


def at(state: object) -> Playbook:
    return Playbook(PickFlow(), context(), state)


@pytest.mark.parametrize(
    ("scope", "target", "ends"),
    [(Scope.ZONE, VIEW.zone_id, PutInTote), (Scope.ITEM, ITEM, PutInTote), (Scope.ZONE, ITEM, TakeItem)],
)  # fmt: skip
def test_a_zone_or_an_item_may_take_units_at_the_pickers_word(scope: Scope, target: bytes, ends: type) -> None:
    trusting = {(Check.ITEM_SCAN_AT_PICK, scope, target.hex()): Rule("inform", "lead")}
    rules = replace(policies(), narrow=trusting)
    step = PickFlow().handle(TakeItem(VIEW), pressed(Verb.CONFIRM), context(policies=rules))

    assert isinstance(step.state, ends)


def test_the_cart_is_one_gesture() -> None:
    book = Playbook(PickFlow(), context()) << Ask(AskWork(SITE, PICKER, station=STATION))
    book = book.answers(OFFER).ends(ScanCart(OFFER)) >> scanned(CART)
    book = (book << AskCart).answers(0) << StartBatch
    book.ends(Saving(BATCH, Note.CART_READY, (("batch", 7),)))
    book = book >> done() << Play(Tone.ACCEPT) << Say(Note.CART_READY, {"batch": 7}) << AskWork
    book.answers(VIEW).ends(GoToLocation(VIEW))


def test_a_line_is_three_scans() -> None:
    book = at(GoToLocation(VIEW)) >> scanned(SHELF)
    book = book << Play(Tone.ACCEPT) << Say(Note.RIGHT_PLACE, {"location": "A-12-03"})
    book = book.ends(TakeItem(VIEW)) >> scanned(MUG) << Play(Tone.ACCEPT) << Say
    book = book.ends(PutInTote(VIEW, 3, 0)) >> scanned(TOTE) << AskTote
    seen: list[PickUnits] = []

    def is_the_pick(effect: object) -> bool:
        assert isinstance(effect, Run)
        assert isinstance(effect.command, PickUnits)
        seen.append(effect.command)
        return True

    book = book.answers(None) << is_the_pick
    command = seen[0]
    assert (command.opens_fill, command.slot, command.container) == (1, 1, TOTE.target)
    assert [(each.line, each.first, each.quantity) for each in command.takes] == [(LINE, 1, 3)]
    assert command.finish is not None
    assert command.finish.fills == (command.fill,)
    assert [outcome for _, outcome in command.finish.members] == ["picked"]
    book = book >> done(batch_done=1) << Play(Tone.ACCEPT) << Say << Ask(AskWork(SITE, PICKER, "", BATCH, STATION))
    end = Picked(BATCH, 7, ("TOTE-0417",), "CART-01")
    book = book.answers(end) << Play(Tone.DONE) << Say(Note.BATCH_DONE, {"batch": 7})
    book.ends(BatchDone(end))


def test_while_other_stops_are_open_nothing_ends_with_a_put() -> None:
    more = PutInTote(replace_view(others_open=1), 3, 0)
    book = at(more) >> scanned(TOTE) << AskTote
    book = book.answers(None) << (lambda effect: effect.command.finish is None)
    book.ends(Saving)


def replace_view(**changes: object) -> TaskView:
    return replace(VIEW, **changes)  # type: ignore[arg-type]


def test_a_tote_of_somebody_else_names_whose_it_is() -> None:
    state = PutInTote(VIEW, 3, 0)
    book = at(state) >> scanned(TOTE) << AskTote
    held = ToteState(FillId(b"fill-00000000001"), BATCH, 4, "100482")
    facts = {"order": "100482", "slot": 4, "got": "TOTE-0417"}
    (book.answers(held) << Refuse(Refusal(Reason.TOTE_IN_USE, facts))).ends(state)


def test_short_asks_for_the_reason_and_is_said_with_one_more_key() -> None:
    book = at(GoToLocation(VIEW)) >> pressed(Verb.SHORT) << Play(Tone.CAUTION) << Ask(AskReasons(SITE))
    book = book.answers(("LOST", "EATEN")).ends(AskShortReason(VIEW, 3, ("LOST", "EATEN"), 0))
    book = book >> pressed(Verb.QTY, "2") << (lambda effect: effect.command.reason == "EATEN")
    book.ends(Saving)


def test_fewer_put_asks_why_when_the_put_is_written() -> None:
    book = at(PutInTote(VIEW, 3, 0)) >> pressed(Verb.QTY, "2") << Play(Tone.ACCEPT)
    book = (book.ends(PutInTote(VIEW, 2, 0)) >> scanned(TOTE) << AskTote).answers(None) << PickUnits
    book = book >> done() << Play(Tone.ACCEPT) << Say << Play(Tone.CAUTION) << AskReasons
    book = book.answers(("STOCKOUT",)) >> pressed(Verb.QTY, "1") << ShortPick
    book.ends(Saving)


def test_skip_and_pause() -> None:
    (at(GoToLocation(VIEW)) >> pressed(Verb.SKIP) << SkipTask).ends(Saving)
    book = at(TakeItem(VIEW)) >> pressed(Verb.PAUSE) << SuspendBatch
    book >> done() << Play(Tone.ACCEPT) << Say(Note.PAUSED, {"cart": "CART-01"}) << Go("home")


def test_a_refused_command_is_said_and_the_next_thing_looked_up() -> None:
    refusal = Refusal(Reason.CHANGED_MEANWHILE)
    book = at(Saving(BATCH, Note.PUT)) >> Failed(CommandId(b"command-00000001"), refusal)
    (book << Refuse(refusal) << AskWork).ends(LookForWork())


def test_who_has_units_in_the_hand_whose_work_is_gone_is_told_where_they_belong() -> None:
    facts = (("quantity", 1), ("item", "Mug, blue"), ("slot", 1), ("in_hand", 3), ("location", "A-12-03"))
    told = Refusal(Reason.WORK_GONE_IN_HAND, {"quantity": 3, "item": "Mug, blue", "location": "A-12-03"})
    book = at(Saving(BATCH, Note.PUT, facts)) >> Failed(CommandId(b"command-00000001"), Refusal(Reason.WORK_GONE))
    (book << Refuse(told) << AskWork).ends(LookForWork())


def test_what_is_left_of_a_batch_is_ended_without_a_gesture() -> None:
    left = Leftover(BATCH, (TASK,), (), ((PART, 3),))
    book = Playbook(PickFlow(), context()) << AskWork
    book = book.answers(left) << (
        lambda effect: (
            isinstance(effect.command, FinishBatch)
            and effect.command.gone == (TASK,)
            and effect.command.finish.members == ((PART, "short"),)
        )
    )
    book.ends(Saving)


def test_no_work_says_why() -> None:
    (Playbook(PickFlow(), context()) << AskWork).answers(Reason.WAITS_FOR_WAVE).ends(NoWork(Reason.WAITS_FOR_WAVE))


def test_news_of_a_printer_changes_nothing() -> None:
    news = PrintMoved(id=CommandId(b"command-00000001"), at=NOON, job=b"", subject=b"", state="printed")
    (at(TakeItem(VIEW)) >> news).ends(TakeItem(VIEW))


def test_a_code_that_lost_its_separators_is_refused_for_that() -> None:
    state = TakeItem(VIEW)
    (at(state) >> scanned(raw="010950", rejected=Reason.LOST_SEPARATORS)).refuses(Reason.LOST_SEPARATORS).ends(state)


@pytest.mark.parametrize(
    "state",
    [NoWork(Reason.NO_WORK), ScanCart(OFFER), GoToLocation(VIEW), TakeItem(VIEW), PutInTote(VIEW, 3, 0)],
    ids=lambda state: type(state).__name__,
)
def test_what_cannot_happen_is_a_bug(state: object) -> None:
    with pytest.raises(Bug):
        at(state) >> done()
    with pytest.raises(Bug):
        at(Saving(BATCH, Note.PUT)) >> Answered(AskReasons(SITE), (), NOON, CommandId(b"command-00000001"))


def test_units_elsewhere_that_only_the_hub_may_give_are_asked_of_it_and_not_taken() -> None:
    other = named(CodeKind.LOCATION, b"place-0000000002", "A-12-04")
    key = replace(KEY, location=LocationId(other.target))
    mine = OtherStock(key, 3, "", "", "A-12-04", 3, 0)
    hubs = replace(mine, free=1, asks=2)
    state = GoToLocation(VIEW)

    book = at(state) >> scanned(other) << Ask(AskOther(SITE, KEY.owner, ITEM, "A-12-04", key.location, batch=BATCH))
    asked = book.answers((hubs,)) << (
        lambda it: (it.command.KIND, it.command.key, it.command.quantity) == ("picking.ask_kept", key, 2)
    )
    asked.ends(Saving(BATCH, Note.HUB_ASKED, (("lot", ""), ("location", "A-12-04")), state))
    assert (asked >> done() << Play(Tone.ACCEPT) << Say).state == state
    # Too few there are, whoever is asked.
    (at(state) >> scanned(other)).answers((replace(hubs, asks=1),)).refuses(Reason.WRONG_LOCATION)
    (at(state) >> scanned(other)).answers((mine,)) << Play(Tone.CAUTION) << Say


def test_the_playbook_tells_what_nobody_named() -> None:
    with pytest.raises(AssertionError, match="nobody named"):
        at(GoToLocation(VIEW)) >> scanned(SHELF) << Play(Tone.ACCEPT) >> scanned(MUG)
    with pytest.raises(AssertionError, match="Tone.REFUSE"):
        at(GoToLocation(VIEW)) >> scanned(SHELF) << Play(Tone.REFUSE)
