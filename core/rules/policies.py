"""How strict each check is for a person at a station: presets first, then what the site, person or station says.

The newcomer's mistake: a check that is not named anywhere is not *off*; its preset decides.
"""

from collections.abc import Iterable, Mapping

from core.rules.model import Check, Mode, Policy, Scope

FIRST_DAY = "first_day"
NEW_STARTER = "new_starter"
TRUSTED = "trusted"

PRESETS: Mapping[str, Mapping[Check, Mode]] = {
    # The shop's first day with Dockside: everything is looked at, nothing stands in the way.
    FIRST_DAY: {
        Check.SIGN_IN_PIN: Mode.OFF,
        Check.ITEM_SCAN_AT_PICK: Mode.BLOCK,
        Check.VERIFY_UNITS: Mode.BLOCK,
        Check.WEIGHT: Mode.INFORM,
        Check.SCAN_BACK: Mode.BLOCK,
        Check.ZERO_CHECK: Mode.OFF,
        Check.CARTON_SIZE: Mode.INFORM,
    },
    # Somebody new: every unit, every label, a wrong weight asks.
    NEW_STARTER: {
        Check.SIGN_IN_PIN: Mode.OFF,
        Check.ITEM_SCAN_AT_PICK: Mode.BLOCK,
        Check.VERIFY_UNITS: Mode.BLOCK,
        Check.WEIGHT: Mode.CONFIRM,
        Check.SCAN_BACK: Mode.BLOCK,
        Check.ZERO_CHECK: Mode.CONFIRM,
        Check.CARTON_SIZE: Mode.CONFIRM,
    },
    # Somebody whose picks are right: the bench trusts the tote, the label is still scanned.
    TRUSTED: {
        Check.SIGN_IN_PIN: Mode.OFF,
        Check.ITEM_SCAN_AT_PICK: Mode.BLOCK,
        Check.VERIFY_UNITS: Mode.INFORM,
        Check.WEIGHT: Mode.INFORM,
        Check.SCAN_BACK: Mode.BLOCK,
        Check.ZERO_CHECK: Mode.OFF,
        Check.CARTON_SIZE: Mode.OFF,
    },
}

NARROWEST_LAST = (Scope.SITE, Scope.PRESET, Scope.STATION, Scope.PERSON)
"""The scopes that a mode is looked up in."""


def resolve_policies(rows: Iterable[Policy], *, preset: str, person: str, station: str) -> dict[str, str]:
    """Return the mode of every check for one person at one station.

    Args:
        rows: the site's policy rows.
        preset: the person's preset; an unknown one counts as *first day*.
        person: the person's id as hex.
        station: the station's id as hex.
    """
    modes = dict(PRESETS.get(preset, PRESETS[FIRST_DAY]))
    targets = {Scope.SITE: "", Scope.PRESET: preset, Scope.STATION: station, Scope.PERSON: person}
    ordered = sorted(
        (row for row in rows if targets.get(row.scope) == row.target),
        key=lambda row: NARROWEST_LAST.index(row.scope),
    )
    for row in ordered:
        modes[row.check] = row.mode
    return {check.value: mode.value for check, mode in modes.items()}
