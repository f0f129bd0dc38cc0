"""What may be decided about each kind of case: the words a case is closed with, each a name that every language has a sentence for.

The one thing a newcomer would get wrong: a decision says what a person did or found. Closing a case changes nothing else. Where an
edit, goods or numbers have to follow, what is decided is asked for and done with it (`core/station/cases.py`, `FOLLOWED`).
"""

from collections.abc import Mapping
from enum import StrEnum

from core.cases.model import CaseKind


class Decision(StrEnum):
    """What was decided, as a case keeps it; what is typed at a command line is kept as it was typed."""

    COUNTED = "counted"
    BOOKS_RIGHT = "books_right"
    REORDERED = "reordered"
    CUSTOMER_TOLD = "customer_told"
    WRITTEN_OFF = "written_off"
    GOOD = "good"
    AT_BENCH = "at_bench"
    CANCELLED = "cancelled"
    FOUND = "found"
    NOT_THERE = "not_there"
    NOTHING_LEFT = "nothing_left"
    LABEL_THERE = "label_there"
    PRINTED_AGAIN = "printed_again"
    NOT_NEEDED = "not_needed"
    UNPACKED = "unpacked"
    MAY_GO = "may_go"
    CARRIER_STOPS = "carrier_stops"
    COMES_BACK = "comes_back"
    LOOKED = "looked"
    PACKED_ANEW = "packed_anew"
    WAS_THERE = "was_there"
    DISK_CHANGED = "disk_changed"
    DISK_GOOD = "disk_good"
    ONE_UNPACKED = "one_unpacked"
    BOTH_LEFT = "both_left"
    LABELLED_ANEW = "labelled_anew"
    CARRIER_TOLD = "carrier_told"
    SUPPORT_TOLD = "support_told"
    TAKEN = "taken"
    LEFT = "left"
    PICKED_AGAIN = "picked_again"
    CARRIER_HAS = "carrier_has"
    CARRIER_HAS_NOT = "carrier_has_not"
    SWITCHED_OFF = "switched_off"
    DISCARDED = "discarded"
    KIND_SET = "kind_set"
    MEANT_SO = "meant_so"
    TALKED = "talked"
    ROLE_GIVEN = "role_given"
    NO_BOXES = "no_boxes"
    KEPT = "kept"
    COUNTED_TWICE = "counted_twice"
    SENT_BACK = "sent_back"
    AT_FIRST = "at_first"
    AT_SECOND = "at_second"
    TWO_BOXES = "two_boxes"
    LEFT_UNSEEN = "left_unseen"
    WHOSE_IT_IS = "whose_it_is"
    NOT_OURS = "not_ours"
    LIES_LAST = "lies_last"
    LIES_FIRST = "lies_first"


_D, _K = Decision, CaseKind

DECISIONS: Mapping[CaseKind, tuple[Decision, ...]] = {
    _K.STOCK_UNEXPLAINED: (_D.COUNTED, _D.BOOKS_RIGHT),
    _K.RECOUNT: (_D.COUNTED, _D.BOOKS_RIGHT),
    _K.MOVED_TWICE: (_D.LIES_LAST, _D.LIES_FIRST, _D.COUNTED),
    _K.SHORT_PICK: (_D.COUNTED, _D.REORDERED, _D.CUSTOMER_TOLD),
    _K.DAMAGED: (_D.WRITTEN_OFF, _D.GOOD),
    _K.HOSPITAL: (_D.AT_BENCH, _D.CANCELLED),
    _K.MISSING_AT_BENCH: (_D.FOUND, _D.COUNTED),
    _K.PRINT_UNKNOWN: (_D.LABEL_THERE, _D.PRINTED_AGAIN),
    _K.PRINT_FAULT: (_D.PRINTED_AGAIN, _D.NOT_NEEDED),
    _K.STOPPED_PARCEL: (_D.UNPACKED, _D.MAY_GO),
    _K.CANCEL_TOO_LATE: (_D.CARRIER_STOPS, _D.COMES_BACK),
    _K.OVERRIDE_NEEDED: (_D.AT_BENCH, _D.CANCELLED),
    _K.WEIGHT: (_D.GOOD, _D.PACKED_ANEW),
    _K.CALL: (_D.WAS_THERE,),
    _K.PUT_BACK: (_D.NOT_THERE,),
    _K.LOG_BROKEN: (_D.DISK_CHANGED, _D.DISK_GOOD),
    _K.CONTRADICTED: (_D.LOOKED, _D.COUNTED),
    _K.DOUBLE_PARCEL: (_D.ONE_UNPACKED, _D.BOTH_LEFT),
    _K.LABEL_TWICE: (_D.LABELLED_ANEW,),
    _K.HANDED_OVER_VOID: (_D.CARRIER_TOLD,),
    _K.SHIPPED_TWICE: (_D.CARRIER_STOPS, _D.CUSTOMER_TOLD),
    _K.NOT_APPLIED: (_D.SUPPORT_TOLD,),
    _K.EDIT_LOST: (_D.TAKEN, _D.LEFT),
    _K.FLOOR: (_D.FOUND, _D.PICKED_AGAIN),
    _K.CARRIER_INQUIRY: (_D.CARRIER_HAS, _D.CARRIER_HAS_NOT),
    _K.STATION_TWICE: (_D.SWITCHED_OFF,),
    _K.STORED_SCAN: (_D.DISCARDED,),
    _K.OTHER_STATIONS: (_D.KIND_SET, _D.MEANT_SO),
    _K.ROLE_LOST: (_D.TALKED, _D.ROLE_GIVEN),
    _K.OVER_RECEIPT: (_D.KEPT, _D.COUNTED_TWICE, _D.SENT_BACK),
    _K.STATION_RENEWED: (_D.NO_BOXES, _D.LABELLED_ANEW),
    _K.RETURN_TWICE: (_D.AT_FIRST, _D.AT_SECOND, _D.TWO_BOXES),
    _K.RETURN_NOT_LEFT: (_D.LEFT_UNSEEN, _D.UNPACKED, _D.MAY_GO),
    _K.RETURN_UNKNOWN: (_D.WHOSE_IT_IS, _D.NOT_OURS),
}
"""What is offered, by the kind of a case."""
