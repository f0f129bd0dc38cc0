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
    "simulated": "it is not real, call IT",
    "no_printer": "none assigned, call IT",
}

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
