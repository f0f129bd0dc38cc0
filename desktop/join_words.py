"""Why a PC cannot join a site, and what to do, in words for whoever stands before it."""

from collections.abc import Mapping
from enum import StrEnum


class Why(StrEnum):
    """What stands in the way."""

    NO_ADDRESS = "no_address"
    NO_HOST = "no_host"
    NO_ANSWER = "no_answer"
    NO_HUB = "no_hub"
    NEWER = "newer"
    OLDER = "older"
    WHICH_SITE = "which_site"
    OTHER_SITE = "other_site"
    NO_NAME = "no_name"
    NAME_TAKEN = "name_taken"
    KIND_NEEDED = "kind_needed"
    TAKEN_OUT = "taken_out"
    BUSY = "busy"
    GARBLED = "garbled"
    REFUSED = "refused"
    """For a reason that this program does not know."""
    OWN_WAREHOUSE = "own_warehouse"
    OTHER_NAME = "other_name"
    OTHER_FILE = "other_file"
    NO_PLACE = "no_place"
    NO_BADGE = "no_badge"
    NO_PIN = "no_pin"
    OTHER_PIN = "other_pin"
    NO_ROOM = "no_room"
    NO_WRITING = "no_writing"
    OPEN_ALREADY = "open_already"
    FAULT = "fault"
    """For everything else that is no mistake of the program: its own words are for support."""


JOIN_TROUBLES: Mapping[Why, str] = {
    Why.NO_ADDRESS: "No address of a hub. {got} is none: it looks like hub.example or hub.example:8700.",
    Why.NO_HOST: "No such computer. {got} is not known on this network. Look at the hub's address.",
    Why.NO_ANSWER: "No answer. Nothing answers at {address}. Look whether the hub runs there and this PC is on its network.",
    Why.NO_HUB: "That is no hub. Something else answers at {address}. Look at the address and its port.",
    Why.NEWER: "The hub is newer. Bring Dockside on this PC up to date, then join {address}.",
    Why.OLDER: "The hub is older. Bring the one at {address} up to date first.",
    Why.WHICH_SITE: "Several sites. The hub at {address} has more than one: say which, {sites}.",
    Why.OTHER_SITE: "No such site. The hub at {address} does not have site {site}. It has {sites}.",
    Why.NO_NAME: "No name. A station needs one.",
    Why.NAME_TAKEN: "The name is taken. Another PC is {name} there: choose another name, or let IT settle who it is.",
    Why.KIND_NEEDED: "A new name. The hub does not know {name}: say what it is there for, cart, bench, dock or desk.",
    Why.TAKEN_OUT: "That station was taken out. {name} takes no part there any more: choose another name, or let IT settle it at the hub.",
    Why.BUSY: "The hub has its hands full. Wait a minute, then ask {address} again.",
    Why.GARBLED: "The hub could not read it. Something between this PC and {address} changes what passes: let IT look at the network.",
    Why.REFUSED: "The hub says no. {address} does not take this PC. Bring Dockside on this PC up to date, or let IT look into the hub's log.",
    Why.OWN_WAREHOUSE: "A warehouse is here. {got} has one of its own: `dockside hub adopt` moves it into a hub with nothing lost.",
    Why.OTHER_NAME: "It has a name. This PC is {name} already.",
    Why.NO_PLACE: "No such place. There is no location {got} at the site.",
    Why.OTHER_FILE: "Another site's file. {got} is of site {site}; this PC is a station of site {sites}.",
    Why.NO_BADGE: "That is no badge. It has {least} characters or more and is no code of Dockside's own. Scan another one.",
    Why.NO_PIN: "That is no PIN. It has {least} digits or more. Type another one.",
    Why.OTHER_PIN: "Not the same PIN. Choose it again.",
    Why.NO_ROOM: "The disk is full. Make room on this PC, then begin again.",
    Why.NO_WRITING: "Nothing can be written. This PC may not write where Dockside keeps its data: let IT look at {got}.",
    Why.OPEN_ALREADY: "It is open already. Dockside runs on this PC: close it first, or go on there.",
    Why.FAULT: "It cannot be done. Begin again. If it stays, give support these words: {words}",
}
"""What is wrong, in a sentence of a few words, and then what that means and what to do."""
