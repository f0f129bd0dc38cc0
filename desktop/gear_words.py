"""What is the matter with a device or with this PC, and what to do, in an operator's words: by the names the gear uses."""

from collections.abc import Mapping

DEVICE_TROUBLES: Mapping[str, str] = {
    "absent": "{device} is not there: plug it in",
    "unplugged": "{device} unplugged: plug it in",
    "silent": "{device} does not answer: switch it off and on",
    "scale_silent": "{device} says nothing: press its power key",
    "slept": "{device} comes back",
    "forbidden": "{device} may not be opened: call IT",
    "simulated": "{device} is not real: call IT",
    "in_use": "{device} is used by {owner}: close that",
    "in_use_by_somebody": "{device} is used by another program: close that",
    "drops_separators": "{device} drops separators: calibrate it (F10)",
    "slow_start": "{device} prints late: look under Devices (F10)",
}
"""Why a device is not at work, with what to do: short, for the strip."""

DEVICE_ORDERS: Mapping[str, str] = {
    "absent": "Plug in {device}",
    "unplugged": "Plug in {device}",
    "silent": "Restart {device}",
    "scale_silent": "Switch on {device}",
    "slept": "{device} comes back",
    "forbidden": "{device}: call IT",
    "simulated": "{device} is not real",
    "in_use": "{device} is in use",
    "drops_separators": "Calibrate {device}",
    "slow_start": "{device} prints late",
}
"""The same where there is room for no more: what to do."""

SHEET_TROUBLES: Mapping[str, str] = {
    "count": "Not every code was read. Begin with the first.",
    "other_codes": "That is not the next code of the sheet. Begin with the first.",
    "symbology": "This keyboard layout swallows the symbology id. Turn the id off at the scanner, or use another connection.",
    "prefix": "It sends a prefix, and needs none. Turn the prefix off at the scanner. Begin with the first.",
    "separator": "This keyboard layout swallows the separator. Use another connection of the scanner.",
    "endings": "The codes ended in different ways. Set one terminator at the scanner. Begin with the first.",
}
"""Why nothing was learnt of a scanner, with what to do."""

CHECKS: Mapping[str, str] = {
    "disk": "Disk",
    "database": "Database",
    "devices": "Devices",
    "device": "Device",
    "printer": "Printer",
    "groups": "Rights",
    "udev": "Device rules",
    "fonts": "Typefaces",
    "sound": "Sound",
    "screen": "Screen",
    "queue": "Waiting for the hub",
    "hub": "Hub",
    "clock": "Clock",
    "spool": "Print jobs",
    "stored": "Stored scans",
    "remote": "Session",
    "proxy": "Proxy",
    "certificate": "Certificate",
}
"""What is checked."""

CHECK_TROUBLES: Mapping[str, str] = {
    "full": "Nearly full. Make room.",
    "filling": "Filling up. Make room soon.",
    "damaged": "Damaged. Stop work, call IT, restore the last backup.",
    "absent": "Not there. Plug it in, switch it on.",
    "unplugged": "Unplugged. Plug it in.",
    "silent": "It does not answer. Switch it off and on.",
    "scale_silent": "It says nothing. Press its power key.",
    "slept": "It comes back.",
    "forbidden": "It may not be opened. Install the device rules, or join the group.",
    "simulated": "It is simulated, and this station is not. Take it off.",
    "in_use": "Another program uses it. Close that.",
    "in_use_by": "{owner} uses it. Close that.",
    "drops_separators": "It drops separators. Calibrate it.",
    "no_beginning": "Noise gets in: turn on its symbology id, calibrate.",
    "known": "That is {owner}, which is set up. Scan with the other one.",
    "not_calibrated": "Not calibrated. Scan the calibration sheet with it.",
    "verification_over": "Its verification is over. Have it verified.",
    "verification_soon": "Its verification ends soon.",
    "not_in_group": "This user is not in the group. Add it, sign out and in.",
    "no_rule": "Not installed. `sudo dockside doctor --fix` installs them.",
    "old_rule": "Not those of this version. `sudo dockside doctor --fix` installs them.",
    "missing": "Missing. Text is drawn with another one.",
    "no_sound": "No sound device. Outcomes are seen, not heard.",
    "no_size": "The screen does not say how large it is. Sizes may be wrong.",
    "waiting_long": "Has waited for more than an hour. Look at the line to the hub.",
    "unreachable": "It does not answer. Look whether it runs and the network is whole.",
    "skewed": "Not the hub's time. Set the clock.",
    "held": "Held or failed. Look at the printer.",
    "printer_held": "It does not print: {fault}.",
    "slow_start": "Labels start late. With CUPS, set cupsSNMPSupplies to false.",
    "raw_queue": "Labels go through a print queue, which CUPS will drop. Give it the printer's own address.",
    "proxy_passed_by": "The hub is spoken to without it. Let the station through, or make the hub an exception.",
    "not_trusted": "Not trusted. Install the authority it is from:",
    "certificate_soon": "Ends soon. Renew it:",
    "to_settle": "Look at them under Devices.",
    "remote_session": "A remote session. Printing through it may break.",
}
"""What is the matter, with what to do."""

SPEECHES: Mapping[str, str] = {
    "text": "Plain text",
    "keys": "Keyboard, read by itself",
    "wedge": "Keyboard, through the window",
    "toledo_continuous": "Toledo, continuous",
    "stream": "CAS, AND, continuous",
}
"""How a device speaks, where that is more than a name."""

MAKES: Mapping[str, str] = {
    "ssi": "Zebra SSI",
    "honeywell": "Honeywell",
    "datalogic": "Datalogic",
    "hid_pos": "HID-POS",
    "sics": "Mettler-Toledo MT-SICS",
    "toledo_8217": "Toledo 8217",
    "nci": "NCI",
    "cas_till": "CAS",
    "adam": "Adam",
    "digi": "DIGI",
    "hid": "USB",
}
"""The same where it is a name: in every language alike."""
