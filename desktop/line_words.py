"""Why a line to the hub does not get on, and what to do, in an operator's words: by reason."""

from collections.abc import Mapping

from sync.protocol import (
    BUSY,
    NOT_HERE,
    NOT_READABLE,
    OTHER_PROTO,
    TAKEN_OUT,
    TOO_LARGE,
    UNKNOWN_STATION,
)

REFUSED = "refused"
"""For a reason that this program does not know."""

LINE_TROUBLES: Mapping[str, str] = {
    "unreachable": "The hub does not answer.",
    "broken_feed": "What the hub sent does not follow from what was taken.",
    "disk": "This station's disk refuses.",
    "other_file": "This file is older than what the hub knows, or a copy.",
    "mistake": "The program made a mistake.",
    UNKNOWN_STATION: "The hub does not know this station.",
    TAKEN_OUT: "This station was taken out at the hub.",
    OTHER_PROTO: "The hub speaks another version.",
    NOT_READABLE: "The hub could not read what was sent.",
    TOO_LARGE: "The hub did not take it: too large.",
    NOT_HERE: "The hub does not have this site.",
    BUSY: "The hub has its hands full.",
    REFUSED: "The hub does not take what this station sends.",
}
"""What is wrong, by reason."""

LINE_REMEDIES: Mapping[str, str] = {
    "unreachable": "Look whether the hub runs and the network is whole. Work goes on meanwhile.",
    "broken_feed": "It is fetched again. If it stays, have the hub verified.",
    "disk": "Make room on the disk, or change it.",
    "other_file": "Work nothing more at this station. Settle at the hub which file is the right one.",
    "mistake": "Start Dockside again, and send the report in its crashes folder to support.",
    UNKNOWN_STATION: "Look at the hub's address first: it may be another one's. A station belongs to the hub that took it in, and nothing it did is lost meanwhile.",
    TAKEN_OUT: "Work nothing more here. What was done is kept at the hub until somebody has looked at it.",
    OTHER_PROTO: "Bring the hub up to date first, then this station.",
    NOT_READABLE: "Look whether something between here and the hub changes what passes.",
    TOO_LARGE: "Look whether something between here and the hub changes what passes.",
    NOT_HERE: "Look at the hub's address and at its sites.",
    BUSY: "Nothing: it is sent again.",
    REFUSED: "Bring this station up to date: the hub gave a reason that it does not know.",
}
"""What to do about it."""

LINE_PARTS: Mapping[str, str] = {
    "push": "Sending",
    "pull": "Receiving",
    "fetch": "Names",
    "carry": "Photos",
    "lease": "Asking for work",
    "compare": "Comparing",
    "witness": "Witness beside the file",
}
"""What each engine is for."""
