"""Screens of the cases that wait, as pictures: the list, one of each make, and none."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.cases.model import CaseKind
from core.kernel.ids import CaseId, FulfilmentId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.back_queries import BackSeen
from core.station.case_queries import CaseBooking, CaseParcel, CaseSeen, CasesPage, Change, PutDown
from core.station.cases import CasesFlow, ChooseCase, ShowCase
from desktop.gallery_shared import Shown

_NOW = 1_765_886_400_000
_MINUTE_MS = 60_000
_BOXES = (
    CaseParcel("095011010000000018", "BENCH-2", loaded=False),
    CaseParcel("095011010000000025", "DOCK-1", loaded=True),
)


def _seen(kind: CaseKind, minutes: int) -> CaseSeen:
    """Return a case of a kind with as much as there may be to say of one."""
    return CaseSeen(
        case=CaseId(kind.value[:16].encode().ljust(16, b"-")), kind=kind, opened_at=_NOW - minutes * _MINUTE_MS,
        who="Aylin Demir", station="BENCH-2", number="100461",
        facts=(("quantity", "12"), ("kind", "picking.pick"), ("reason", "not_enough_stock")),
    )  # fmt: skip


def case_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield them, as if they had come up at the end of what was played."""
    last = next(each for each in reversed(shown) if each.feedback.refusal is None and each.standing is None)
    many = {kind: _seen(kind, 3 + 40 * n) for n, kind in enumerate(CaseKind)}
    many[CaseKind.DOUBLE_PARCEL] = replace(many[CaseKind.DOUBLE_PARCEL], parcels=_BOXES)
    many[CaseKind.PUT_BACK] = replace(
        many[CaseKind.PUT_BACK],
        item="Retro lamp, brass",
        fulfilment=FulfilmentId(b"f" * 16),
        back=(BackSeen("TOTE-0392", "Retro lamp, brass", 2), BackSeen("095011010000000018", "Mug, 350 ml, blue", 10)),
    )
    many[CaseKind.STOCK_UNEXPLAINED] = replace(many[CaseKind.STOCK_UNEXPLAINED], place="A-12-03", item="Mug, 350 ml")
    many[CaseKind.EDIT_LOST] = replace(
        many[CaseKind.EDIT_LOST], number="", facts=(("kind", "people.save"), ("reason", "changed_meanwhile")),
        changes=(Change("language", "ar", "de"), Change("preset", "trusted", "new_starter")),
    )  # fmt: skip
    many[CaseKind.RETURN_TWICE] = replace(
        many[CaseKind.RETURN_TWICE], facts=(("code", "095011010000000018"),), one_box=True,
        receipts=(
            PutDown("Mara Koch", "BENCH-1", "Q-01", _NOW - 50 * _MINUTE_MS),
            PutDown("Aylin Demir", "BENCH-2", "IN-01", _NOW - 20 * _MINUTE_MS),
        ),
    )  # fmt: skip
    many[CaseKind.OVER_RECEIPT] = replace(
        many[CaseKind.OVER_RECEIPT], number="", place="A-12-03", item="Mug, 350 ml, blue", delivery="PO-2025-0417, Northfield Pottery",
        bookings=(
            CaseBooking(48, "IN-01", _NOW - 62 * _MINUTE_MS, "Mara Lindt", "BENCH-1"),
            CaseBooking(36, "A-12-03", _NOW - 41 * _MINUTE_MS, "Aylin Demir", "BENCH-2"),
        ),
        facts=(("over", "36"), ("expected", "48"), ("booked", "84")),
    )  # fmt: skip
    ordered = sorted(many.values(), key=lambda each: not each.red)
    pages = {"many": CasesPage(tuple(ordered[:5]), 0, len(ordered), 9), "none": CasesPage((), 0, 0, 0)}
    pages["about"] = CasesPage(tuple(ordered[8:10]), 0, 2, 1, "100461")
    states: dict[str, ChooseCase | ShowCase] = {f"list-{name}": ChooseCase(page) for name, page in pages.items()}
    states["nothing-left"] = ShowCase(replace(many[CaseKind.PUT_BACK], nothing_left=True))
    waits = Refusal(Reason.PACK_FIRST, {"order": "100461"})
    states["put-back-waits"] = ShowCase(replace(many[CaseKind.PUT_BACK], back=(), waits=waits))
    flow = CasesFlow()
    for name, state in (states | {kind.value: ShowCase(seen) for kind, seen in many.items()}).items():
        told = replace(
            last.feedback, flow=flow.NAME, state=state, expects=flow.expects(state), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"cases-{name}", feedback=told, person="Dana Wolf", roles="lead", now=_NOW)
