"""How strict each check is in the case in hand, and who may pass it: of the rows that fit, the narrowest says it.

From broad to narrow: the site, the person's preset, the station, the zone, the printer, the item, the person
(`core.rules.model.Scope` says why). Where several items are concerned at once, the strictest of their rules holds.

The newcomer's mistake: a check that is not named anywhere is not *off*; its preset decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.kernel.flow import Rule
from core.kernel.ids import NO_ID
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
        Check.SEPARATORS: Mode.INFORM,
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
        Check.SEPARATORS: Mode.BLOCK,
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
        Check.SEPARATORS: Mode.BLOCK,
    },
}

SUPERVISOR = "lead"
"""The role that passes a check of which nobody said otherwise."""

_WIDE = (Scope.SITE, Scope.PRESET, Scope.STATION, Scope.PERSON)
"""The scopes that are known before anything is scanned."""
_PLACED = (Scope.ZONE, Scope.PRINTER)

SCOPES: Mapping[Check, tuple[Scope, ...]] = {
    Check.SIGN_IN_PIN: _WIDE,
    Check.ITEM_SCAN_AT_PICK: (*_WIDE, Scope.ZONE, Scope.ITEM),
    Check.VERIFY_UNITS: (*_WIDE, Scope.ITEM),
    Check.WEIGHT: (*_WIDE, Scope.ITEM),
    Check.SCAN_BACK: (*_WIDE, Scope.PRINTER),
    Check.ZERO_CHECK: _WIDE,
    Check.CARTON_SIZE: (*_WIDE, Scope.ITEM),
    Check.SEPARATORS: (*_WIDE, Scope.ITEM),
}
"""The scopes that each check asks for; a row of another would be followed by nobody."""

_BROADEST_FIRST = tuple(Scope)
_STRICTNESS = tuple(Mode)


@dataclass(frozen=True, slots=True)
class Resolved:
    """How strict every check is for one person at one station, with what zones, printers and items say beside it."""

    wide: Mapping[Check, Rule]
    narrow: Mapping[tuple[Check, Scope, str], Rule]

    def rule(self, check: str, *, items: Iterable[bytes] = (), zone: bytes = NO_ID, printer: str = "") -> Rule:
        """Return what holds for a case: the item's own rule, else the printer's, the zone's, the person's.

        Args:
            check: which check.
            items: what it is about; of several the strictest rule holds, for all of them.
            zone: where it happens.
            printer: what it is printed on, by the name a print job has.
        """
        asked = Check(check)
        here = self.wide[asked]
        for scope, target in zip(_PLACED, (zone.hex(), printer), strict=True):
            here = self.narrow.get((asked, scope, target), here)
        rules = [self.narrow.get((asked, Scope.ITEM, item.hex()), here) for item in items]
        return max(rules, key=_strictness, default=here)


def _strictness(rule: Rule) -> tuple[int, bool]:
    return _STRICTNESS.index(Mode(rule.mode)), not rule.passed_by


def resolve_policies(rows: Iterable[Policy], *, preset: str, person: str, station: str) -> Resolved:
    """Return the rules of every check for one person at one station.

    Args:
        rows: the site's policy rows.
        preset: the person's preset; an unknown one counts as *first day*.
        person: the person's id as hex.
        station: the station's id as hex.
    """
    modes = PRESETS.get(preset, PRESETS[FIRST_DAY])
    wide = {check: Rule(mode.value, SUPERVISOR) for check, mode in modes.items()}
    narrow: dict[tuple[Check, Scope, str], Rule] = {}
    targets = {Scope.SITE: "", Scope.PRESET: preset, Scope.STATION: station, Scope.PERSON: person}
    for row in sorted(rows, key=lambda row: _BROADEST_FIRST.index(row.scope)):
        rule = Rule(row.mode.value, row.passed_by)
        if row.scope not in targets:
            narrow[row.check, row.scope, row.target] = rule
        elif targets[row.scope] == row.target:
            wide[row.check] = rule
            if row.scope is Scope.PERSON:
                narrow = {key: each for key, each in narrow.items() if key[0] is not row.check}
    return Resolved(wide, narrow)


def stops(check: Check, rule: Rule) -> dict[str, str | int]:
    """Return the facts of a refusal that somebody else's badge and PIN would let through: which check, and whose."""
    return {"override": check.value, "passed_by": rule.passed_by}
