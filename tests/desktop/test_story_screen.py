"""The story of an order on the screen: steps with times, a row for each event, refusals loud, in every language."""

from dataclasses import replace

import pytest

from core.kernel.commands import REGISTRY
from core.kernel.ids import OrderId
from core.kernel.reasons import Reason
from core.station.home import ShowOrder
from core.station.home_queries import OrderSummary, SummaryLine
from core.station.story import REFUSED, StoryEvent
from desktop.cards import Listing
from desktop.languages import LANGUAGES, plain, speaking
from desktop.present import present
from desktop.screens import Screen
from desktop.storyline import Story, Weight

_NOON = 1_782_043_200_000
_MINUTE = 60_000


def _event(minutes: int, kind: str, who: str = "Mara Koch", where: str = "CART-07", **more: object) -> StoryEvent:
    return replace(StoryEvent(_NOON + minutes * _MINUTE, kind, who, where), **more)


ORDER = OrderSummary(
    OrderId(b"o" * 16), "100482", "shop", "loaded", held=False, cancelled=False, name="Ines Okafor", city="Whitby",
    postcode="YO21", country="GB", cut_off_at=_NOON + 240 * _MINUTE, carrier="KESTREL 24",
    lines=(SummaryLine("MUG", "Mug, blue", 3, 3, 3, 3, 0, 0, ""),),
    events=(
        _event(0, "orders.receive", "", ""),
        _event(190, REFUSED, scans=("9501101530010",), reason=str(Reason.WRONG_ITEM)),
        _event(191, "picking.pick", quantity=3, item="Mug, blue", scans=("A-12-03", "9501101530003", "TOTE-0417")),
        _event(200, "packing.close", "Aylin Sahin", "BENCH-2"),
        _event(201, "packing.apply_label", "Aylin Sahin", ""),
        _event(214, "shipping.load", "Tom Becker", ""),
    ),
    parcels=(("095011010000000018", ""),),
)  # fmt: skip


def _story(screen: Screen) -> Story:
    assert isinstance(screen.proof, Story)
    return screen.proof


def test_the_story_names_the_steps_with_their_times() -> None:
    screen = present(ShowOrder(ORDER))

    assert screen.prompt == "Order 100482"
    assert screen.detail == "Loaded, 3 h 34 min from order to van, 3 scans, 1 refused"
    steps = [(step.words, step.time, step.now) for step in _story(screen).steps]
    assert steps == [
        ("Received", "12:00", False), ("Picked", "15:11", False), ("Packed", "15:20", False), ("Loaded", "15:34", True),
        ("leaves", "16:00", False),
    ]  # fmt: skip


def test_a_cancel_says_whom_it_waits_for_until_it_is_final() -> None:
    asked = replace(ORDER, cancelled=True, cancel_asked=True, cancel_waits=("Dock 1", "Dock 2"))
    told = [present(ShowOrder(each)).detail.partition(", 3 h")[0] for each in (
        asked, replace(asked, cancel_on_hold=("Dock 2",)), replace(asked, cancel_waits=()),
        replace(asked, cancel_asked=False, cancel_waits=()),
    )]  # fmt: skip

    assert told == [
        "Cancel asked, waits for Dock 1, Dock 2", "Cancel asked, waits for Dock 1, Dock 2. On hold: Dock 2",
        "Cancel asked", "Cancelled",
    ]  # fmt: skip


def test_what_is_asked_for_is_nowhere_said_to_be_done() -> None:
    line = replace(ORDER.lines[0], reason=Reason.ORDER_CANCELLED.value)
    event = replace(ORDER.events[0], kind="amending.cancel")
    for asked, words in ((True, "Cancel asked"), (False, "Cancelled")):
        found = replace(ORDER, cancelled=True, cancel_asked=asked, lines=(line,), events=(event,))
        screen = present(ShowOrder(found))
        card = screen.beside[0]
        assert isinstance(card, Listing)
        assert (screen.detail, _story(screen).rows[0].words, card.checks[0].detail) == (words, words, words)


def test_an_event_says_who_where_and_what_was_scanned() -> None:
    rows = (*_story(present(ShowOrder(ORDER, back=1))).rows, *_story(present(ShowOrder(ORDER))).rows)

    assert len(rows) == len(ORDER.events)
    assert (rows[0].words, rows[0].who, rows[0].facts) == ("Order came in", "import, shop", "1 line, 3 units")
    assert (rows[1].words, rows[1].weight) == ("Refused: Wrong item", Weight.TROUBLE)
    assert rows[1].facts == "9501101 53001 0"
    assert (rows[2].words, rows[2].who) == ("Picked: 3 x Mug, blue", "Mara K., CART-07")
    assert rows[2].facts == "A-12-03  \u203a  TOTE-0417"
    assert [row.weight for row in rows][-1] is Weight.LAST


@pytest.mark.parametrize(("stage", "done"), [("waiting", 1), ("picked", 2), ("packed", 3), ("loaded", 4)])
def test_a_step_that_is_not_reached_has_no_time(stage: str, done: int) -> None:
    steps = _story(present(ShowOrder(replace(ORDER, stage=stage)))).steps[:4]

    assert [bool(step.time) for step in steps] == [n < done for n in range(4)]
    assert [step.now for step in steps].count(True) == 1


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(kind for kind in REGISTRY if not kind.startswith("test.")))
def test_every_operation_can_stand_in_a_story(kind: str, code: str) -> None:
    with speaking(code):
        row = _story(present(ShowOrder(replace(ORDER, events=(_event(1, kind),))))).rows[0]

    assert row.words
    assert kind not in plain(row.words)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_refusal_can_stand_in_a_story(reason: Reason) -> None:
    event = _event(1, REFUSED, reason=str(reason), scans=("X",))

    row = _story(present(ShowOrder(replace(ORDER, events=(event,))))).rows[0]

    assert row.words.startswith("Refused: ")
    assert "{" not in row.words


def test_a_held_and_a_cancelled_order_say_so_first() -> None:
    assert present(ShowOrder(replace(ORDER, held=True))).detail.startswith("Held")
    assert present(ShowOrder(replace(ORDER, cancelled=True))).detail.startswith("Cancelled")


def test_a_long_story_has_a_key_for_what_came_before() -> None:
    many = tuple(_event(n, "picking.pick") for n in range(30))

    screen = present(ShowOrder(replace(ORDER, events=many)))

    assert [answer.key for answer in screen.answers] == ["QTY-1", "QTY-4", "NO"]
    assert _story(screen).rows[-1].weight is Weight.LAST
    earlier = present(ShowOrder(replace(ORDER, events=many), back=1))
    assert Weight.LAST not in [row.weight for row in _story(earlier).rows]
