"""From what the loader did to the command that says so, and the dock as it is after it: pure decisions."""

from dataclasses import replace

from core.kernel.flow import Stamp
from core.kernel.ids import ManifestId
from core.kernel.numbers import Number
from core.shipping.commands import CloseManifest, Loaded, LoadParcel, OpenManifest, UnloadParcel
from core.shipping.views import DockView, ParcelInHand, Staying


def open_list(view: DockView, parcel: ParcelInHand, manifest: ManifestId, stamp: Stamp) -> OpenManifest:
    """Return the command that begins a carrier's list."""
    return OpenManifest(**stamp, manifest=manifest, number=view.next_number, carrier=parcel.carrier, dock=view.dock)


def load(parcel: ParcelInHand, manifest: ManifestId, stamp: Stamp, *, needs_label: bool) -> LoadParcel:
    """Return the command that puts a parcel into the van."""
    return LoadParcel(
        **stamp, parcel=parcel.parcel, manifest=manifest, order=parcel.order, fulfilment=parcel.fulfilment,
        bench=parcel.bench, inside=parcel.inside, needs_label=int(needs_label), sscc=parcel.sscc, code=parcel.code,
        carrier=parcel.carrier,
    )  # fmt: skip


def unload(parcel: ParcelInHand, stamp: Stamp) -> UnloadParcel:
    """Return the command that takes a parcel out again."""
    return UnloadParcel(
        **stamp, parcel=parcel.parcel, manifest=parcel.manifest, order=parcel.order, fulfilment=parcel.fulfilment,
        bench=parcel.bench, inside=parcel.inside,
    )  # fmt: skip


def close(staying: Staying, stamp: Stamp) -> CloseManifest:
    """Return the command that closes a list."""
    parcels = tuple(Loaded(parcel, order) for parcel, order in staying.parcels)
    return CloseManifest(**stamp, manifest=staying.manifest, parcels=parcels)


def after_load(view: DockView, parcel: ParcelInHand, manifest: ManifestId) -> DockView:
    """Return the dock as it is once a parcel is loaded: what a look at the books would say, without one."""
    loads = []
    begun = 0
    for each in view.loads:
        if each.carrier == parcel.carrier:
            begun = int(not each.number)
            number = each.number or view.next_number.value
            labels = tuple(label for label in each.next_labels if label != parcel.sscc)
            bare = each.unlabelled - (1 - parcel.labelled)
            loads.append(
                replace(
                    each, manifest=manifest, number=number, loaded=each.loaded + 1, waiting=max(0, each.waiting - int(parcel.code is None)),
                    unlabelled=max(0, bare), next_labels=labels,
                )
            )  # fmt: skip
        else:
            loads.append(each)
    return replace(view, loads=tuple(loads), next_number=Number(view.next_number.value + begun, view.next_number.range))


def knows_what_is_next(view: DockView, carrier: str) -> bool:
    """Return whether the labels that were read tell what may be loaded next; else the dock is looked at again."""
    return any(each.next_labels for each in view.loads if each.carrier == carrier)
