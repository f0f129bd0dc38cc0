"""Every note of the last-scan band; each has its words in `desktop/messages.py` (a test compares)."""

from enum import StrEnum


class Note(StrEnum):
    """What the last scan was taken for."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    RESUMED = "resumed"
    # Picking
    CART_READY = "cart_ready"
    RIGHT_PLACE = "right_place"
    RIGHT_ITEM = "right_item"
    SERIAL_TAKEN = "serial_taken"
    PUT = "put"
    TOTE_FULL = "tote_full"
    SKIPPED = "skipped"
    SHORTED = "shorted"
    DAMAGED = "damaged"
    REPOINTED = "repointed"
    UNDONE = "undone"
    BATCH_DONE = "batch_done"
    PAUSED = "paused"
    SLIPS = "slips"
    # Packing
    OPENED = "opened"
    CARTON = "carton"
    PACKED = "packed"
    WEIGHED = "weighed"
    CLOSED = "closed"
    LABEL_PRINTING = "label_printing"
    LABEL_APPLIED = "label_applied"
    MISSING = "missing"
    BACK_TO_PICK = "back_to_pick"
    IN_HOSPITAL = "in_hospital"
    REOPENED = "reopened"
    NEXT_BOX = "next_box"
    REPRINTING = "reprinting"
    # Dispatch
    DOCK_OPEN = "dock_open"
    LOADED = "loaded"
    UNLOADED = "unloaded"
    MANIFEST_CLOSED = "manifest_closed"
    SET_ASIDE = "set_aside"
    # Printers
    ROLL_CHANGED = "roll_changed"
    SENT_ELSEWHERE = "sent_elsewhere"
    # Anywhere
    CASE_OPENED = "case_opened"
    LOOKED_UP = "looked_up"
    OVERRIDDEN = "overridden"
    CANCELLED = "cancelled"
    HELP = "help"
    """Nothing was done: what may be done at this step is explained."""
    TYPE_CODE = "type_code"
    """Nothing was done: a code can be typed now."""
