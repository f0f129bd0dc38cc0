"""What a printer's troubles and a print job's states are called."""

from collections.abc import Mapping

from core.kernel.spool import JobState

PRINTER_TROUBLES: Mapping[str, str] = {
    "paper_out": "load labels",
    "ribbon_out": "change the ribbon",
    "head_open": "close the head",
    "paused": "press its pause key",
    "buffer_full": "it has too much to print",
    "settings_lost": "its settings are lost, call IT",
    "too_hot": "it is too hot, wait",
    "unreachable": "switch it on, check its cable",
    "silent": "it does not answer",
    "unreadable": "it answers nonsense, call IT",
    "one_way": "it never says how it is",
    "cover_open": "close its cover",
    "jam": "clear the jam",
    "cutter": "clear its cutter",
    "head_broken": "head is faulty, call IT",
    "too_cold": "it is too cold, wait",
    "offline": "switch it online",
    "diagnostic": "it prints test data, call IT",
    "memory_full": "memory full, switch it off and on",
    "attention": "press a key on it",
    "error": "it reports an error, look",
    "busy": "it still prints for others",
    "in_use": "another program uses it",
    "changing": "its roll is being changed",
    "other_head": "wrong resolution, call IT",
    "other_media": "wrong labels",
    "other_width": "labels too narrow",
    "other_marks": "wrong kind of roll",
    "in_doubt": "settle the label in doubt",
    "simulated": "it is not real, call IT",
    "no_printer": "none assigned, call IT",
}

RIGHT_LABELS = "Put in the right labels"
_OTHER_ROLL = (
    "Open the cover and take the roll out",
    RIGHT_LABELS,
    "Close head and cover",
    "Still wrong? Printers, Change roll",
)

PRINTER_STEPS: Mapping[str, tuple[str, ...]] = {
    "paper_out": ("Open the cover", "Put a roll in, and a label under the head", "Close head and cover"),
    "ribbon_out": ("Open the cover", "Put a ribbon in, and pull it tight", "Close head and cover"),
    "head_open": ("Press the head down until it clicks", "Close the cover"),
    "cover_open": ("Press the cover down until it clicks",),
    "paused": ("Press its pause key",),
    "attention": ("Press its feed or pause key",),
    "jam": ("Open the cover", "Pull the stuck label out", "Close head and cover"),
    "cutter": ("Open the cover", "Take out what blocks the cutter", "Close head and cover"),
    "too_hot": ("Wait: it goes on by itself",),
    "too_cold": ("Wait: it goes on by itself",),
    "unreachable": ("Look whether it is switched on", "Push its cables in at both ends"),
    "offline": ("Switch it online with its key",),
    "silent": ("Switch it off", "Push its cables in at both ends", "Switch it on again"),
    "memory_full": ("Switch it off", "Wait five seconds", "Switch it on again"),
    "buffer_full": ("Wait: it goes on by itself",),
    "busy": ("Wait: it goes on by itself",),
    "in_doubt": ("Go to Printers, choose it", "Say whether the label in doubt came out"),
    "changing": ("Somebody changes its roll: let them finish",),
    "in_use": ("Close the other program that prints on it",),
    "error": ("Look at its lamps and its display", "Do what it says"),
    "other_media": _OTHER_ROLL,
    "other_width": _OTHER_ROLL,
    "other_marks": (
        "Open the cover and take the roll out",
        "Look at its back: gaps or black marks?",
        "Put in one of the kind it had before",
        "Close head and cover",
    ),
    "": ("Call the lead or IT", "Put the box aside with Later"),
}
"""What is to be done at a printer, one thing after the other, with the size of its labels where that is known; for what is not here nobody at the bench can help."""

JOB_STATES: Mapping[JobState, str] = {
    JobState.QUEUED: "waits for the printer",
    JobState.HELD: "held",
    JobState.SENDING: "on its way",
    JobState.SENT: "sent",
    JobState.UNKNOWN: "nobody knows whether it came out",
    JobState.PRINTED: "printed",
    JobState.APPLIED: "on the box",
    JobState.FAILED_CLEAN: "not sent",
    JobState.VOIDED: "void",
}

CARTON_PAPER: Mapping[str, str] = {
    "house_label": "label",
    "carrier_label": "carrier's label",
    "logistic_label": "GS1 label",
    "carton_content_label": "content label",
    "packing_slip": "packing slip",
    "return_label": "return label",
}
"""What is on a carton or in it, by its content kind; in a row of words behind a colon."""

TRIAL_STEPS: Mapping[str, str] = {
    "unreachable": "Look whether the address is right: {address}",
    "in_use": "Then it is asked by itself",
    "other_head": "Choose a printer of 203, 300 or 600 dots an inch",
    "simulated": "Choose a real printer",
}
"""What else is to be done where a printer cannot be asked what it is, or cannot be one of ours."""

PAPER_KINDS: Mapping[str, str] = {
    "label": "All labels",
    "house_label": "Labels of parcels alone",
    "document": "Documents",
}
"""What a printer may be given."""

LABEL_KINDS: Mapping[str, str] = {
    "location_label": "Locations",
    "shelf_label": "Shelves",
    "dock_label": "Docks",
    "workstation_label": "Benches",
    "tote_label": "Totes",
    "cart_label": "Carts",
    "slot_label": "Cart slots",
    "product_label": "Products",
    "logistic_label": "Pallets",
    "carton_content_label": "Contents of cartons",
    "return_label": "Returns",
    "quarantine_label": "Quarantine",
    "hazard_label": "Hazards",
}
"""What labels of a kind are for, as people call them who choose some."""
