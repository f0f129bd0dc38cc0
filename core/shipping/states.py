"""Where a loader stands: the van's carrier, parcels that must not go, and what is asked next."""

from dataclasses import dataclass

from core.kernel.flow import Tone
from core.kernel.ids import NO_ID, ManifestId, ParcelId
from core.shipping.views import DockView, ParcelInHand, Staying, StoppedParcel

_NO_PARCEL = ParcelId(NO_ID)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the loader has before him, whatever is scanned next."""

    carrier: str = ""
    """Whose van it is; empty until its first parcel."""
    stopped: tuple[StoppedParcel, ...] = ()
    """Parcels that must not go and lie on no shelf yet, the newest first."""
    last: ParcelId = _NO_PARCEL
    """The parcel loaded last, for undo."""


@dataclass(frozen=True, slots=True)
class LookAtDock:
    """The load is being looked up."""

    standing: Standing = Standing()


@dataclass(frozen=True, slots=True)
class ScanParcel:
    """Scan the next parcel."""

    view: DockView
    standing: Standing = Standing()
    question: str = ""
    """A parcel whose label was not scanned back, whose second scan loads it all the same; empty when nothing is asked."""

    @property
    def stopped(self) -> StoppedParcel | None:
        """Return the parcel that must be carried away next."""
        return self.standing.stopped[0] if self.standing.stopped else None


@dataclass(frozen=True, slots=True)
class OpeningList:
    """The carrier's list is being begun; the parcel in hand goes on it next."""

    view: DockView
    parcel: ParcelInHand
    manifest: ManifestId
    standing: Standing


@dataclass(frozen=True, slots=True)
class Loading:
    """A command is being written."""

    view: DockView
    note: str
    facts: tuple[tuple[str, str | int], ...]
    standing: Standing
    parcel: ParcelInHand | None = None
    tone: Tone = Tone.ACCEPT


@dataclass(frozen=True, slots=True)
class SettleBox:
    """Say whether the parcel that was booked last is in the van: the station stopped before it could tell."""

    view: DockView
    parcel: ParcelInHand
    standing: Standing


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Scan the parcel that comes out of the van."""

    view: DockView
    standing: Standing


@dataclass(frozen=True, slots=True)
class ConfirmClose:
    """The list can be closed: this stays behind."""

    view: DockView
    staying: Staying
    standing: Standing


State = LookAtDock | ScanParcel | OpeningList | Loading | SettleBox | TakeOut | ConfirmClose
