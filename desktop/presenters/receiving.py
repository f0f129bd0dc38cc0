"""Goods in: which delivery, what of it is here, which units are in hand and where they are laid."""

from core.receiving import states as receive
from core.receiving.views import DeliveryRow, DeliveryView, Goods, LineView
from desktop.languages import isolated, joined, tr
from desktop.presenters.words import amount, back, item_words, keys, of_total, per_mille, present, thing
from desktop.proofs import Check, Hero, Rows, Subject
from desktop.screens import BLOCK, Answer, KeyCap, Screen

_TYPE = "FIND"


@present.register
def _(state: receive.ChooseDelivery, _now: int = 0) -> Screen:
    page = state.page
    if not page.total:
        return Screen(
            prompt=tr("No delivery is announced"), detail=tr("Deliveries come in by import. Then they stand here."), answers=(back(),)
        )  # fmt: skip
    rows = tuple(_row(each, n) for n, each in enumerate(page.rows, 1))
    more: tuple[Answer, ...] = ()
    last = page.first + len(rows)
    if page.total > len(rows):
        words = tr("More deliveries") if last < page.total else tr("From the start")
        shown = tr("{first} to {last} of {total}", first=page.first + 1, last=last, total=page.total)
        more = (Answer(f"QTY-{len(rows) + 1}", words, shown),)
    return Screen(
        prompt=tr("Scan or choose a delivery"), detail=tr("Its number is on its paper."), answers=(*rows, *more, back()), scan=True
    )  # fmt: skip


def _row(row: DeliveryRow, n: int) -> Answer:
    return Answer(
        f"QTY-{n}", isolated(row.number), joined((of_total(row.booked, row.expected), isolated(row.supplier)))
    )


@present.register
def _(state: receive.ScanItem, _now: int = 0) -> Screen:
    view = state.view
    rows = tuple(_check(each) for each in view.shown)
    left = view.lines - len(rows)
    finish = tr("Finish the delivery")
    answers = () if view.finished_at else (Answer("CONFIRM", finish),)
    prompt = tr("Scan an item") if view.open_lines else tr("All of it is here")
    return Screen(
        prompt=prompt, detail=joined((isolated(view.number), isolated(view.supplier), tr("and {n} more lines", n=left) if left else "")),
        proof=Rows(rows), answers=(*answers, back()), scan=bool(view.open_lines), row=_keys(*(("UNDO",) if state.last else ())),
        progress=per_mille(view.booked, view.expected), middle=_middle(view),
    )  # fmt: skip


def _check(line: LineView) -> Check:
    words, over = item_words(line.description, line.variant, line.sku), line.booked - line.expected
    detail = joined((isolated(line.sku), tr("{n} too many", n=over) if over > 0 else ""))
    return Check(
        words, detail, line.booked, line.expected, current=False, picture=line.picture,
        amount=of_total(line.booked, line.expected),
    )  # fmt: skip


def _middle(view: DeliveryView) -> tuple[str, ...]:
    return isolated(view.number), of_total(view.booked, view.expected)


def _keys(*enabled: str) -> tuple[KeyCap, ...]:
    return keys((("UNDO", ""),), enabled)


def _asked(view: DeliveryView, line: LineView, goods: Goods, prompt: str, detail: str, typed: str) -> Screen:
    return Screen(
        prompt=prompt, detail=detail, proof=_subject(line, goods), answers=(Answer(_TYPE, typed), back()), scan=True,
        row=_keys("UNDO"), middle=_middle(view), progress=per_mille(view.booked, view.expected),
    )  # fmt: skip


def _subject(line: LineView, goods: Goods) -> Subject:
    known = (
        tr("lot {lot}", lot=goods.lot) if goods.lot else "",
        tr("use by {expiry}", expiry=goods.expiry) if goods.expiry else "",
        tr("Serial {serial}", serial=goods.serials[-1]) if goods.serials else "",
    )
    return Subject(thing(line.description, line.variant, line.sku, line.picture, line.sku), detail=joined(known))


@present.register
def _(state: receive.SayLot, _now: int = 0) -> Screen:
    prompt, typed = tr("Scan or type the lot"), tr("Type the lot")
    return _asked(state.view, state.line, state.goods, prompt, tr("It is printed on the goods or their carton."), typed)


@present.register
def _(state: receive.SayExpiry, _now: int = 0) -> Screen:
    detail = tr("Year, month and day, {long} or {short}.", long=isolated("2026-12-31"), short=isolated("261231"))
    return _asked(state.view, state.line, state.goods, tr("Type the date on it"), detail, tr("Type the date"))


@present.register
def _(state: receive.ScanSerial, _now: int = 0) -> Screen:
    prompt, typed = tr("Scan the serial number"), tr("Type the number")
    return _asked(state.view, state.line, state.goods, prompt, tr("Each unit has one of its own."), typed)


@present.register
def _(state: receive.CountUnits, _now: int = 0) -> Screen:
    line = state.line
    so_far = tr("{count} are booked.", count=of_total(line.booked, line.expected))
    more = (
        tr("Scan more of them, or type how many.")
        if not line.by_serial
        else tr("Scan the next serial number, or the place.")
    )
    prompt, typed = tr("Lay down {block} and scan the place", block=BLOCK), tr("Type how many")
    if state.question:
        prompt = tr("Book {block} all the same?", block=BLOCK)
        so_far = tr("That is more than announced: {count}.", count=of_total(line.booked + state.units, line.expected))
        more = tr("Scan {place} again, and a lead looks at it.", place=isolated(state.question))
    screen = _asked(state.view, line, state.goods, prompt, f"{so_far} {more}", typed)
    answers = (back(),) if line.by_serial else screen.answers
    return Screen(
        prompt=screen.prompt, block=amount(state.units), detail=screen.detail, proof=screen.proof, answers=answers, scan=True,
        row=screen.row, middle=screen.middle, progress=screen.progress,
    )  # fmt: skip


@present.register
def _(state: receive.ConfirmFinish, _now: int = 0) -> Screen:
    view = state.view
    return Screen(
        prompt=tr("Does no more of {number} come?", number=isolated(view.number)), row=_keys(),
        proof=Hero(of_total(view.booked, view.expected), tr("{n} lines are not complete.", n=view.open_lines)),
        answers=(Answer("YES", tr("No more comes")), Answer("NO", tr("Go on"))), middle=_middle(view),
    )  # fmt: skip
