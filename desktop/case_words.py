"""What happened, what to do about it and what may be decided, in an operator's words: by the kind of a case."""

from collections.abc import Mapping

from core.cases.decisions import Decision
from core.cases.model import CaseKind

CASE_TITLES: Mapping[CaseKind, str] = {
    CaseKind.STOCK_UNEXPLAINED: "Stock differs",
    CaseKind.RECOUNT: "Count again",
    CaseKind.SHORT_PICK: "Short pick",
    CaseKind.DAMAGED: "Damaged units",
    CaseKind.HOSPITAL: "In the hospital",
    CaseKind.MISSING_AT_BENCH: "Missing at the bench",
    CaseKind.PRINT_UNKNOWN: "Label in doubt",
    CaseKind.PRINT_FAULT: "Not printed",
    CaseKind.STOPPED_PARCEL: "Stopped parcel",
    CaseKind.CANCEL_TOO_LATE: "Cancelled too late",
    CaseKind.OVERRIDE_NEEDED: "Check not passed",
    CaseKind.ROW_GONE: "Work is gone",
    CaseKind.WEIGHT: "Wrong weight",
    CaseKind.CALL: "Help called",
    CaseKind.PUT_BACK: "Put back",
    CaseKind.LOG_BROKEN: "Broken log",
    CaseKind.CONTRADICTED: "Does not fit",
    CaseKind.DOUBLE_PARCEL: "In two parcels",
    CaseKind.LABEL_TWICE: "Number twice",
    CaseKind.HANDED_OVER_VOID: "Void label left",
    CaseKind.SHIPPED_TWICE: "Left twice?",
    CaseKind.NOT_APPLIED: "Hub did not take it",
    CaseKind.EDIT_LOST: "Two changes",
    CaseKind.FLOOR: "Not found",
    CaseKind.CARRIER_INQUIRY: "Ask the carrier",
    CaseKind.STATION_TWICE: "Station there twice",
    CaseKind.STORED_SCAN: "Late scan",
    CaseKind.OTHER_STATIONS: "Other stations",
    CaseKind.ROLE_LOST: "Without a role",
    CaseKind.OVER_RECEIPT: "More than announced",
    CaseKind.STATION_RENEWED: "Station renewed",
}
"""What it is called in a list."""

CASES: Mapping[CaseKind, str] = {
    CaseKind.STOCK_UNEXPLAINED: "The books and the shelf do not agree.",
    CaseKind.RECOUNT: "A place was counted while goods moved, or twice with different results.",
    CaseKind.SHORT_PICK: "Fewer units were found than the order wants.",
    CaseKind.DAMAGED: "Units were damaged.",
    CaseKind.HOSPITAL: "An order waits in the hospital.",
    CaseKind.MISSING_AT_BENCH: "Units were missing at the bench.",
    CaseKind.PRINT_UNKNOWN: "Nobody knows whether a label came out.",
    CaseKind.PRINT_FAULT: "Paper could not be printed.",
    CaseKind.STOPPED_PARCEL: "A parcel was stopped at the dock.",
    CaseKind.CANCEL_TOO_LATE: "An order was cancelled after units of it had left.",
    CaseKind.OVERRIDE_NEEDED: "A check could not be passed, and the work was put aside.",
    CaseKind.ROW_GONE: "Something that was worked on is gone.",
    CaseKind.WEIGHT: "A parcel's weight is wrong.",
    CaseKind.CALL: "Somebody asked for help.",
    CaseKind.PUT_BACK: "Units of a stopped order are to be put back.",
    CaseKind.LOG_BROKEN: "A station's log does not follow from itself.",
    CaseKind.CONTRADICTED: "What was done does not fit what the hub knows.",
    CaseKind.DOUBLE_PARCEL: "The same units are in two parcels.",
    CaseKind.LABEL_TWICE: "A label number is on two parcels.",
    CaseKind.HANDED_OVER_VOID: "A parcel left under a label that was void.",
    CaseKind.SHIPPED_TWICE: "The same units may have left twice.",
    CaseKind.NOT_APPLIED: "The hub could not take what a station did.",
    CaseKind.EDIT_LOST: "Two people changed one thing. The first change stands.",
    CaseKind.FLOOR: "An order was looked for and is not there.",
    CaseKind.CARRIER_INQUIRY: "A parcel may have left with a dock that forgot it.",
    CaseKind.STATION_TWICE: "Two files speak under the name of one station.",
    CaseKind.STORED_SCAN: "A scanner sent what it had read out of range.",
    CaseKind.OTHER_STATIONS: "A station did what stations of its kind do not.",
    CaseKind.ROLE_LOST: "Somebody did something without a role for it.",
    CaseKind.OVER_RECEIPT: "More came in than was announced.",
    CaseKind.STATION_RENEWED: "A station's file was put back or copied.",
}
"""What happened."""

CASE_STEPS: Mapping[CaseKind, tuple[str, ...]] = {
    CaseKind.STOCK_UNEXPLAINED: (
        "Go to the place and count what lies there.",
        "Have the number booked as a count.",
    ),
    CaseKind.RECOUNT: (
        "Stop the picking at the place.",
        "Count the place once more.",
    ),
    CaseKind.SHORT_PICK: (
        "Go to the place and count what lies there.",
        "Look beside it, above it and on the cart.",
        "Order more of it, or tell the customer.",
    ),
    CaseKind.DAMAGED: (
        "Look at the units on the shelf for damaged goods.",
        "Write off what cannot be sold.",
    ),
    CaseKind.HOSPITAL: (
        "Go to the shelf of the hospital.",
        "Find what is missing.",
        "Carry it to a bench, or have the order cancelled.",
    ),
    CaseKind.MISSING_AT_BENCH: (
        "Look along the way from the shelf to the bench.",
        "Count the place it was picked from.",
    ),
    CaseKind.PRINT_UNKNOWN: (
        "Look at the box.",
        "Scan its label, or print it again.",
    ),
    CaseKind.PRINT_FAULT: (
        "See to the printer or the template.",
        "Print it again.",
    ),
    CaseKind.STOPPED_PARCEL: (
        "Take the parcel from its shelf.",
        "See what stands against it.",
        "Unpack it, or let it go.",
    ),
    CaseKind.CANCEL_TOO_LATE: (
        "Ask the carrier to stop it.",
        "Where he cannot, expect a return.",
    ),
    CaseKind.OVERRIDE_NEEDED: (
        "Look at the goods.",
        "Pass the check at a bench with your badge, or sort it out.",
    ),
    CaseKind.ROW_GONE: ("Look at what is left of it on the floor.",),
    CaseKind.WEIGHT: (
        "Open the box and count.",
        "If it is right, learn its weight anew.",
    ),
    CaseKind.CALL: ("Go there.",),
    CaseKind.PUT_BACK: (
        "Take the units out of tote or parcel.",
        "Lay them on a place for them.",
        "Scan that place.",
    ),
    CaseKind.LOG_BROKEN: (
        "Work nothing more at that station.",
        "Have its disk looked at, and change it where it is bad.",
    ),
    CaseKind.CONTRADICTED: (
        "See what the floor says.",
        "It happened, so the books follow it: count where they are wrong.",
    ),
    CaseKind.DOUBLE_PARCEL: (
        "Find both parcels.",
        "Let one of them go.",
        "Unpack the other.",
    ),
    CaseKind.LABEL_TWICE: (
        "Find both parcels.",
        "Open them again, so that each gets a number of its own.",
        "Take the old labels off.",
    ),
    CaseKind.HANDED_OVER_VOID: (
        "Tell the carrier which number left.",
        "Look at his invoice.",
    ),
    CaseKind.SHIPPED_TWICE: (
        "Look in the van whether both are there.",
        "Ask the carrier to stop one of them.",
        "Where both have left, write to the customer.",
    ),
    CaseKind.NOT_APPLIED: (
        "Send the hub's report to support.",
        "What was done is kept: nothing is to be done twice.",
    ),
    CaseKind.EDIT_LOST: (
        "Compare both versions.",
        "Take the other one, or leave what stands.",
    ),
    CaseKind.FLOOR: (
        "Look for it once more.",
        "What is not there is picked again.",
    ),
    CaseKind.CARRIER_INQUIRY: (
        "Ask the carrier whether he has it.",
        "Pick nothing of it again before he has answered.",
    ),
    CaseKind.STATION_TWICE: (
        "Settle which PC is the right one.",
        "Switch the other off.",
        "Let the right one go on at the hub: renew it there.",
    ),
    CaseKind.STORED_SCAN: (
        "Go to the station.",
        "Say there whether the scan counts.",
    ),
    CaseKind.OTHER_STATIONS: (
        "See whether the station's kind is right at the hub.",
        "Ask who was at it.",
    ),
    CaseKind.ROLE_LOST: (
        "Talk to them.",
        "What was picked or packed counts, what was decided does not.",
    ),
    CaseKind.OVER_RECEIPT: (
        "See who booked what.",
        "Go to the places and count.",
        "What nobody ordered may go back.",
    ),
    CaseKind.STATION_RENEWED: (
        "Go to that station.",
        "Look for boxes without a label that is known.",
        "Pack those anew.",
    ),
}
"""What to do about it, step by step."""

CASE_DECISIONS: Mapping[Decision, str] = {
    Decision.COUNTED: "The place is counted",
    Decision.BOOKS_RIGHT: "The books are right",
    Decision.REORDERED: "More is ordered",
    Decision.CUSTOMER_TOLD: "The customer knows",
    Decision.WRITTEN_OFF: "Written off",
    Decision.GOOD: "It is good as it is",
    Decision.AT_BENCH: "A bench goes on with it",
    Decision.CANCELLED: "The order is cancelled",
    Decision.FOUND: "Found",
    Decision.NOT_THERE: "They are not there",
    Decision.LABEL_THERE: "The label is on the box",
    Decision.PRINTED_AGAIN: "Printed again",
    Decision.NOT_NEEDED: "It is not needed",
    Decision.UNPACKED: "It is unpacked",
    Decision.MAY_GO: "It may go",
    Decision.CARRIER_STOPS: "The carrier stops it",
    Decision.COMES_BACK: "It comes back",
    Decision.LOOKED: "Looked at, it is right",
    Decision.PACKED_ANEW: "Packed anew",
    Decision.WAS_THERE: "I was there",
    Decision.DISK_CHANGED: "The disk is changed",
    Decision.DISK_GOOD: "The disk is good",
    Decision.ONE_UNPACKED: "One is unpacked",
    Decision.BOTH_LEFT: "Both have left",
    Decision.LABELLED_ANEW: "Labelled anew",
    Decision.CARRIER_TOLD: "The carrier knows",
    Decision.SUPPORT_TOLD: "Support has the report",
    Decision.TAKEN: "Take the other version",
    Decision.LEFT: "Leave what stands",
    Decision.PICKED_AGAIN: "It is picked again",
    Decision.CARRIER_HAS: "The carrier has it",
    Decision.CARRIER_HAS_NOT: "The carrier does not have it",
    Decision.SWITCHED_OFF: "The wrong PC is off",
    Decision.DISCARDED: "The scan does not count",
    Decision.KIND_SET: "Its kind is right now",
    Decision.MEANT_SO: "It was meant so",
    Decision.TALKED: "I talked to them",
    Decision.ROLE_GIVEN: "They have the role again",
    Decision.NO_BOXES: "No such box is there",
    Decision.KEPT: "We keep it",
    Decision.COUNTED_TWICE: "It was booked twice",
    Decision.SENT_BACK: "It goes back",
}
"""What was done, as the key says it that closes the case."""

CASE_FACTS: Mapping[str, str] = {
    "counted": "Counted",
    "books": "Books",
    "over": "Too many",
    "expected": "Announced",
    "booked": "Booked then",
    "quantity": "Units",
    "sku": "Item",
    "label": "Label",
    "kind": "What was done",
    "reason": "Why",
    "check": "Check",
    "answer": "Answer",
    "code": "Scanned",
    "device": "Device",
    "printer": "Printer",
    "fault": "Fault",
    "difference": "Difference",
    "batch": "Batch",
    "why": "For support",
}
"""What stands in front of each thing that a case says, by its name there."""

CASE_VALUES: Mapping[str, str] = {
    "sign_in_pin": "PIN at sign-in",
    "item_scan_at_pick": "Scan of each unit at the shelf",
    "verify_units": "Scan of each unit at the bench",
    "weight": "Weight of the parcel",
    "scan_back": "Scan of the label on the box",
    "zero_check": "Empty place confirmed",
    "carton_size": "Size of the carton",
    "separators": "A scanner that is not set up",
    "ship_short": "Order goes without what is missing",
    "reprint_limit": "One more copy of a label",
    "here": "here",
    "gone": "has left",
    "not_found": "not found",
    "presumed_gone": "probably left",
    "MISSING": "Units are missing",
    "left_in_tote": "More lay in the tote than its slip said",
    "picked_twice": "Two carts picked the same units",
}
"""What a case says by a name of its own: checks, answers of a floor list, reasons."""
