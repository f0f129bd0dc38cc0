"""What people call the things that an edit changes, by the names they have in an edit and in the row it writes.

The one thing a newcomer would get wrong: a name means the same wherever it stands. A column whose name has no words yet is
shown by that name, and a test names it.
"""

from collections.abc import Mapping

EDIT_FIELDS: Mapping[str, str] = {
    "roles": "Roles",
    "language": "Language",
    "preset": "Checks as for",
    "active": "Works here",
    "text_percent": "Size of the text, %",
    "gloves": "Gloves",
    "name": "Name",
    "kind": "Kind",
    "time_zone": "Time zone",
    "calendar": "Working days",
    "country": "Country",
    "address": "Address",
    "gs1_prefix": "GS1 prefix",
    "carrier": "Carrier",
    "service": "Service",
    "priority": "Priority",
    "cut_off_at": "Cut-off",
    "promised_at": "Promised for",
    "payment": "Payment",
    "partial": "Part of it may go",
    "handling": "Handling",
    "contact": "Recipient",
    "papers": "Papers in the box",
    "asked": "Asked in",
    "dpi": "Dots an inch",
    "width_tenths": "Width, mm",
    "height_tenths": "Height, mm",
    "gap_tenths": "Gap, mm",
    "media": "Paper",
    "place": "Place",
    "darkness": "Darkness",
    "speed": "Speed",
    "speech": "Answers when asked",
    "station": "Only at station",
    "marks": "Marks on the back",
    "printer": "Printer",
    "fallback": "Printer instead",
    "mode": "How strict",
    "passed_by": "Passed by",
    "value": "How many",
}
"""What stands in front of a thing that two people wanted otherwise."""

EDIT_VALUES: Mapping[str, str] = {
    "first_day": "first day",
    "new_starter": "new starter",
    "trusted": "trusted",
    "warehouse": "warehouse",
    "store": "store",
    "vendor": "vendor",
    "in_transit": "on its way",
    "cart": "cart",
    "bench": "bench",
    "dock": "dock",
    "desk": "desk",
    "paid": "paid",
    "authorised": "authorised",
    "on_account": "on account",
    "unpaid": "unpaid",
    "whole": "only whole",
    "partial": "in parts as well",
    "untried": "not tried",
    "answers": "it answers",
    "one_way": "it is silent",
    "off": "off",
    "inform": "it is said",
    "confirm": "to be confirmed",
    "block": "nobody goes on",
}
"""What is one of a few, by its name."""
