"""The flows a station knows, the first one is where it begins."""

from collections.abc import Mapping

from core.kernel.flow import Flow
from core.packing.flow import PackFlow
from core.picking.flow import PickFlow
from core.receiving.flow import ReceiveFlow
from core.returns.flow import ReturnsFlow
from core.rights.model import StationKind
from core.shipping.flow import DispatchFlow
from core.station.adding_printers import AddPrinterFlow
from core.station.amending import OrderFlow, Planning
from core.station.badge_desk import NO_BADGES, BadgeDesk
from core.station.cases import CasesFlow
from core.station.comfort import ComfortFlow
from core.station.fitting import NOTHING_PLUGGED, FittingDesk, FittingFlow
from core.station.gear import GearDesk, GearFlow, NoGear
from core.station.home import HomeFlow
from core.station.importing import ImportDesk, ImportFlow
from core.station.label_desk import NO_LABELS, LabelDesk
from core.station.labels import LabelsFlow
from core.station.line import LineDesk, LineFlow
from core.station.menu import left_to_others
from core.station.moving import MoveFlow
from core.station.new_badge import BadgesFlow
from core.station.override import OverrideFlow
from core.station.photo_desk import NO_PHOTOS, PhotoDesk
from core.station.printer_trials import NOTHING_FOUND, TrialDesk
from core.station.printers import NO_PRINTERS, PrinterDesk, PrintersFlow
from core.station.releasing import ReleaseDesk, ReleaseFlow
from core.station.sign_in import SignInFlow
from core.station.writing import NoteFlow


def all_flows(
    desk: ImportDesk,
    line: LineDesk | None = None,
    gear: GearDesk | None = None,
    printers: PrinterDesk | None = None,
    labels: LabelDesk | None = None,
    fitting: FittingDesk | None = None,
    trials: TrialDesk | None = None,
    badges: BadgeDesk | None = None,
    kind: StationKind | None = None,
    planning: Planning | None = None,
    releases: ReleaseDesk | None = None,
    photos: PhotoDesk | None = None,
) -> Mapping[str, Flow]:
    """Return every flow by name.

    Args:
        desk: where files are read in.
        line: where it is known how the line to the hub is; None where the station is alone.
        gear: where it is known what is plugged in; None where nothing is watched.
        printers: where printers are spoken to; without it the station has none.
        labels: where labels are made that somebody asks for; without it there are none.
        fitting: where devices are set up; without it none can be.
        trials: where printers are tried out that are to be added; without it none can be.
        badges: where badges are made; without it none are.
        kind: what the station is there for, where others share its site: it has no flow of theirs.
        planning: where stock is promised here; None where the site's hub does that.
        releases: where orders are released here; None where the site's hub does that.
        photos: where photos come from and lie; without it there are none.
    """
    others = left_to_others(kind)
    shared: tuple[Flow, ...] = () if line is None else (LineFlow(line),)
    alone: tuple[Flow, ...] = () if releases is None else (ReleaseFlow(releases),)
    floor: tuple[Flow, ...] = (
        SignInFlow(),
        HomeFlow(shared=line is not None, others=others),
        PickFlow(),
        PackFlow(),
        DispatchFlow(shared=line is not None),
        ReceiveFlow(),
        ReturnsFlow(),
        OverrideFlow(),
    )
    added = AddPrinterFlow(trials or NOTHING_FOUND)
    printing = (
        PrintersFlow(printers or NO_PRINTERS),
        added,
        LabelsFlow(labels or NO_LABELS),
        BadgesFlow(badges or NO_BADGES),
    )
    plugged = (GearFlow(gear or NoGear()), FittingFlow(fitting or NOTHING_PLUGGED))
    looked_after = (MoveFlow(), NoteFlow(photos or NO_PHOTOS), OrderFlow(planning), CasesFlow(others), ImportFlow(desk))
    flows = (*floor, *looked_after, ComfortFlow(), *plugged, *printing, *shared, *alone)
    return {flow.NAME: flow for flow in flows if flow.NAME not in others}
