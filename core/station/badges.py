"""Badges and PINs at a station: whose is it, does he have to type a PIN here, and is it right?"""

from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.ids import PersonId, SiteId, StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.queries import SHIFT_MS, Badge, PinVerdict, check_pin, find_badge
from core.people.roles import badge_is_enough
from core.rules.model import Check, Mode
from core.rules.queries import policies_for


@dataclass(frozen=True, slots=True)
class Known:
    """Whose badge was scanned, and what policy wants of him here."""

    badge: Badge
    pin_mode: str
    pin_given: bool
    """Whether the PIN was given in this shift already."""

    @property
    def asks_pin(self) -> bool:
        """Return whether a PIN is asked for: once a shift, where policy says so or the roles go beyond the floor's."""
        strict = self.pin_mode in (Mode.CONFIRM, Mode.BLOCK)
        return (strict or not badge_is_enough(self.badge.roles)) and not self.pin_given


@dataclass(frozen=True, slots=True)
class FindBadge:
    """Whose badge is this code?"""

    site: SiteId
    station: StationId
    code: str
    at: int

    def run(self, connection: sa.Connection) -> Known | None:
        """Return whose it is; None when it is nobody's."""
        badge = find_badge(connection, self.site, self.code)
        if badge is None:
            return None
        rules = policies_for(connection, self.site, preset=badge.preset, person=badge.person, station=self.station)
        return Known(badge, rules.rule(Check.SIGN_IN_PIN).mode, badge.pin_at > self.at - SHIFT_MS)


@dataclass(frozen=True, slots=True, repr=False)
class TryPin:
    """Does this PIN fit? Never printed, never stored."""

    site: SiteId
    person: PersonId
    pin: str

    def run(self, connection: sa.Connection) -> PinVerdict:
        """Return what the PIN is worth."""
        return check_pin(connection, self.site, self.person, self.pin)


def locked(verdict: PinVerdict, at: int) -> Refusal:
    """Return the refusal while nothing counts, with the seconds that are left."""
    return Refusal(Reason.PIN_LOCKED, {"seconds": -((at - verdict.wait_until) // 1000)})
