"""Screens of the office's word about an order, as pictures: what may be wished, why, and what it means."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from typing import Any

from core.kernel.ids import NO_ID, CaseId
from core.rules.reasons import CANCEL_REASONS, HOLD_REASONS
from core.station.amending import AskWhy, ConfirmWish, OrderFlow
from core.station.home import HomeFlow, ShowOrder
from core.station.menu import HERE, HOME, JOBS, LINE, OUT, PRINTERS, Menu
from core.station.note_queries import About, NoteSeen, PhotoSeen
from core.station.photo_desk import Prepared
from core.station.releasing import Releasing, ShowBroken, ShowReady, ShowReleased
from core.station.wishes import REASONS_SHOWN, Meant, Wish
from core.station.writing import ChoosePhoto, ConfirmNote, ConfirmPhoto, MakePhoto, NoteFlow, ShowNotes, ShowPhoto
from core.waves.planning import Planned
from core.waves.queries import ReadyOrders
from desktop.gallery_shared import Shown


def order_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield them over the order that was looked up last, as whoever may cancel and hold sees it."""
    last = next(each for each in reversed(shown) if isinstance(each.feedback.state, ShowOrder))
    order: ShowOrder = last.feedback.state
    for name, state in _states(order):
        flow: Any = HomeFlow() if isinstance(state, ShowOrder | Menu) else OrderFlow()
        told = replace(
            last.feedback, flow=flow.NAME, state=state, expects=flow.expects(state), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"order-{name}", feedback=told, person="Dana Wolf", roles="lead")
    yield from note_states(shown)
    for name, release in _releases(last.now):
        told = replace(last.feedback, flow="release", state=release, expects=(), note=None, input=None)
        yield replace(last, name=f"release-{name}", feedback=told, person="Dana Wolf", roles="lead")


def note_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield notes on the order that was looked up last: none, some, and one that is to be kept."""
    last = next(each for each in reversed(shown) if isinstance(each.feedback.state, ShowOrder))
    about = About(last.feedback.state.found.order, CaseId(NO_ID), last.feedback.state.found.number)
    at = last.now - 3_600_000
    words = (
        "The customer rang: please leave it with the neighbours at number 14", "Third box is in cage 3",
        "One lamp has a scratch, asked the office whether it may go: yes, with a discount, they write to the customer",
        "Done",
    )  # fmt: skip
    notes = tuple(NoteSeen(at + n * 600_000, "Aylin Demir", each) for n, each in enumerate(words))
    some = ShowNotes(about, notes)
    flow = NoteFlow()
    states: dict[str, Any] = {"none": ShowNotes(about, ()), "some": some, "keep": ConfirmNote(some, words[2])}
    states |= _photos(about, notes)
    for name, state in states.items():
        told = replace(
            last.feedback, flow=flow.NAME, state=state, expects=flow.expects(state), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"note-{name}", feedback=told)


def _photos(about: About, notes: tuple[NoteSeen, ...]) -> Iterator[tuple[str, Any]]:
    """Yield notes with pictures: some of which are not here, one alone, and one that is to be kept."""
    digest = sha256(files("resources").joinpath("sample", "pictures", "BOARD-OAK.svg").read_bytes()).hexdigest()
    seen = (
        PhotoSeen(digest), PhotoSeen(digest, "Bench 2", here=False), PhotoSeen(digest, "Bench 2", gone=True, here=False)
    )  # fmt: skip
    showing = tuple(
        replace(note, photo=photo) for note, photo in zip(notes[:3], (seen[0], seen[1], seen[0]), strict=True)
    )
    some = ShowNotes(about, (showing[0], showing[1], replace(showing[2], text="")))
    yield "photos", some
    yield "photo", ShowPhoto(some, some.notes[0])
    yield "photo-away", ShowPhoto(some, some.notes[1])
    yield "photo-gone", ShowPhoto(some, replace(some.notes[1], photo=seen[2]))
    yield "photo-which", ChoosePhoto(some, ("IMG_2041.jpg", "IMG_2040.jpg", "scratch.png"))
    yield "photo-made", MakePhoto(some)
    yield "photo-keep", ConfirmPhoto(some, Prepared(digest, 123_456))


def _releases(now: int) -> Iterator[tuple[str, ShowReady | Releasing | ShowReleased | ShowBroken]]:
    hour = 3_600_000
    ready = tuple(ReadyOrders(now + n * hour, 20 + 17 * n, 60 + 41 * n) for n in range(1, 4))
    yield "none", ShowReady(())
    yield "one", ShowReady(ready[:1])
    yield "many", ShowReady((*ready, ReadyOrders(0, 6, 7)))
    yield "running", Releasing()
    yield "broken", ShowBroken("no space left on the disk")
    yield (
        "over",
        ShowReleased(Planned(promised_lines=0, waiting_lines=0, released_orders=163, batches=14, unreleased=0)),
    )
    yield (
        "over-some",
        ShowReleased(Planned(promised_lines=3, waiting_lines=5, released_orders=1, batches=1, unreleased=2)),
    )


def _states(order: ShowOrder) -> Iterator[tuple[str, ShowOrder | Menu | AskWhy | ConfirmWish]]:
    everything = tuple(each for each in JOBS if each not in (PRINTERS, LINE))
    yield "menu", Menu((*everything, OUT, HERE), HOME)
    found = order.found
    yield "open", replace(order, found=replace(found, stage="packed"), wishes=(Wish.CANCEL, Wish.HOLD))
    yield "held", replace(order, found=replace(found, stage="picked", held=True), wishes=(Wish.CANCEL, Wish.LET_GO))
    meant = Meant(wish=Wish.CANCEL, order=found.order, number=found.number, reasons=CANCEL_REASONS, here=12)
    some = replace(meant, cancelled=3, put_back=8, late=1)
    hold = replace(meant, wish=Wish.HOLD, reasons=HOLD_REASONS)
    yield "cancel-why", AskWhy(meant)
    own = tuple(f"REASON OF OUR OWN {n}" for n in range(REASONS_SHOWN))
    yield "cancel-why-own", AskWhy(replace(meant, reasons=own))
    yield "cancel", ConfirmWish(replace(meant, reason=CANCEL_REASONS[0], cancelled=12))
    yield "cancel-some", ConfirmWish(replace(some, reason=CANCEL_REASONS[2]))
    yield "cancel-shared", ConfirmWish(replace(some, reason=CANCEL_REASONS[1], shared=True))
    yield "hold-why", AskWhy(hold)
    yield "hold", ConfirmWish(replace(hold, reason=HOLD_REASONS[1]))
    yield "hold-shared", ConfirmWish(replace(hold, reason=HOLD_REASONS[1], shared=True))
    yield "let-go", ConfirmWish(replace(meant, wish=Wish.LET_GO, reasons=()))
    yield "let-go-shared", ConfirmWish(replace(meant, wish=Wish.LET_GO, reasons=(), shared=True))
