"""The flows a station knows, the first one is where it begins."""

from collections.abc import Mapping

from core.kernel.flow import Flow
from core.packing.flow import PackFlow
from core.picking.flow import PickFlow
from core.shipping.flow import DispatchFlow
from core.station.comfort import ComfortFlow
from core.station.home import HomeFlow
from core.station.importing import ImportDesk, ImportFlow
from core.station.override import OverrideFlow
from core.station.sign_in import SignInFlow


def all_flows(desk: ImportDesk) -> Mapping[str, Flow]:
    """Return every flow by name; files are read in at `desk`."""
    floor: tuple[Flow, ...] = (SignInFlow(), HomeFlow(), PickFlow(), PackFlow(), DispatchFlow(), OverrideFlow())
    flows = (*floor, ImportFlow(desk), ComfortFlow())
    return {flow.NAME: flow for flow in flows}
