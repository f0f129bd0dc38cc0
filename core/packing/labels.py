"""What the label and the slip of a parcel say: copies of private rows, made at the station that prints.

Only to be called at origin or harmlessly elsewhere: where the address is not, the words are empty and nothing prints.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.catalog.model import Item, Site
from core.kernel.ids import FulfilmentLineId, SiteId
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact, FulfilmentLine, Order, OrderLine
from core.packing.contents import (
    CartonContentLabel,
    HouseLabel,
    LogisticLabel,
    PackingSlip,
    ReturnLabel,
    SlipLine,
)
from core.packing.model import Parcel

_CSET_82 = re.compile(r"[!-\"%-/0-9:-?A-Z_a-z]{1,20}")


def local_text(at_ms: int, time_zone: str) -> str:
    """Return an instant as people at the site write it: 2026-11-24 14:05."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M")


def _lines(contact: Contact | None) -> tuple[str, ...]:
    if contact is None:
        return ()
    town = " ".join(filter(None, (contact.city, contact.region)))
    wanted = (contact.name, contact.company, *contact.lines.splitlines(), town)
    return tuple(each for each in wanted if each)


def house_label(
    uow: UnitOfWork,
    site: SiteId,
    parcel: Parcel,
    sscc: str,
    weight_grams: int,
    at: int,
    *,
    copy_number: int,
    data: str = "",
) -> HouseLabel:
    """Return the house carrier's label of a parcel."""
    place = uow.get(Site, (site,))
    order = uow.get(Order, (site, parcel.order))
    contact = uow.get(Contact, (site, parcel.contact))
    zone = "UTC" if place is None else place.time_zone
    address = () if place is None else tuple(place.address.splitlines())
    postcode = "" if contact is None else contact.postcode
    country = "" if contact is None else contact.country
    lines = _lines(contact) or ((f"Order {order.number}",) if order is not None else ("?",))
    return HouseLabel(
        site_name="" if place is None else place.name,
        from_lines=address,
        to_lines=lines,
        to_postcode=postcode,
        to_country=country,
        carrier=parcel.carrier,
        service=parcel.service,
        order_number="" if order is None else order.number,
        parcel_number=str(parcel.number),
        sscc=sscc,
        weight_grams=weight_grams or None,
        station="",
        printed_at_text=local_text(at, zone),
        copy_number=copy_number,
        data=data,
    )


def packing_slip(
    uow: UnitOfWork,
    site: SiteId,
    parcel: Parcel,
    inside: Mapping[FulfilmentLineId, int],
    *,
    parcels: int,
    at: int,
) -> PackingSlip:
    """Return the slip of a parcel: what is in it, and what follows or travels in another."""
    place = uow.get(Site, (site,))
    order = uow.get(Order, (site, parcel.order))
    contact = uow.get(Contact, (site, parcel.contact))
    zone = "UTC" if place is None else place.time_zone
    postcode = () if contact is None else tuple(filter(None, (f"{contact.postcode} {contact.country}".strip(),)))
    return PackingSlip(
        shop_name="" if place is None else place.name,
        shop_lines=() if place is None else tuple(place.address.splitlines()),
        order_number="" if order is None else order.number,
        ordered_at_text="" if order is None else local_text(order.ordered_at, zone),
        ship_to_lines=(*_lines(contact), *postcode),
        channel="" if order is None else order.channel,
        lines=tuple(_slip_line(uow, site, line, quantity) for line, quantity in inside.items() if quantity),
        carton=parcel.number,
        cartons=max(0, parcels),
        packed_at_text=local_text(at, zone),
        gift_note="" if contact is None else contact.gift_note,
    )


def carton_content_label(
    uow: UnitOfWork, site: SiteId, parcel: Parcel, sscc: str, inside: Mapping[FulfilmentLineId, int], *, parcels: int,
    weight_grams: int, tare_grams: int, at: int,
) -> CartonContentLabel:  # fmt: skip
    """Return what says on a carton what is in it."""
    place, order = uow.get(Site, (site,)), uow.get(Order, (site, parcel.order))
    lines = [_slip_line(uow, site, line, quantity) for line, quantity in inside.items() if quantity]
    return CartonContentLabel(
        code=sscc, lines=tuple(f"{each.quantity} x {each.sku} {each.description}".rstrip() for each in lines),
        order_number="" if order is None else order.number, carton=_of_all(parcel.number, parcels),
        units=sum(each.quantity for each in lines), weight_grams=weight_grams, tare_grams=tare_grams,
        site_name="" if place is None else place.name,
        packed_at_text=local_text(at, "UTC" if place is None else place.time_zone),
    )  # fmt: skip


def logistic_label(uow: UnitOfWork, site: SiteId, parcel: Parcel, sscc: str, *, weight_grams: int) -> LogisticLabel:
    """Return the GS1 label of a carton, which travels under the number it was closed with."""
    place, order = uow.get(Site, (site,)), uow.get(Order, (site, parcel.order))
    contact = uow.get(Contact, (site, parcel.contact))
    address = () if place is None else tuple(place.address.splitlines())
    number = "" if order is None else order.number
    return LogisticLabel(
        sscc=sscc, from_lines=("" if place is None else place.name, *address), to_lines=_lines(contact),
        to_postcode="" if contact is None else _gs1(contact.postcode), order_number=_gs1(number), carrier=parcel.carrier,
        gross_grams=weight_grams,
    )  # fmt: skip


def return_label(uow: UnitOfWork, site: SiteId, parcel: Parcel) -> ReturnLabel:
    """Return the label that a customer sticks on what goes back; the order's number is what its scan says."""
    place, order = uow.get(Site, (site,)), uow.get(Order, (site, parcel.order))
    contact = uow.get(Contact, (site, parcel.contact))
    name, *address = ("",) if place is None else (place.name, *place.address.splitlines())
    number = "" if order is None else order.number
    return ReturnLabel(
        rma=number, to_lines=(name, *address), to_postcode="", from_lines=_lines(contact), order_number=number
    )


def _gs1(text: str) -> str:
    """Return what an element string can hold of a text: all of it or nothing (GS1 General Specifications, CSET 82)."""
    return (
        text if _CSET_82.fullmatch(text) else text.replace(" ", "") if _CSET_82.fullmatch(text.replace(" ", "")) else ""
    )


def _of_all(number: int, parcels: int) -> str:
    return f"{number} / {parcels}" if parcels > 1 else str(number)


def _description(copy: OrderLine | None, item: Item | None) -> str:
    """What the customer bought, in the words of the order; a channel that sends none gets the item's own."""
    if copy is not None and copy.description:
        return copy.description
    return "" if item is None else ", ".join(filter(None, (item.description, item.variant)))


def _slip_line(uow: UnitOfWork, site: SiteId, line: FulfilmentLineId, quantity: int) -> SlipLine:
    row = uow.get(FulfilmentLine, (site, line))
    if row is None:
        return SlipLine(sku="", description="", quantity=quantity)
    copy = uow.get(OrderLine, (site, row.order_line))
    item = uow.get(Item, (site, row.item))
    elsewhere = max(0, row.packed - quantity)
    return SlipLine(
        sku="" if item is None else item.sku,
        description=_description(copy, item),
        quantity=quantity,
        backordered=max(0, row.quantity - row.short - row.cancelled - row.packed),
        in_other_cartons=elsewhere,
    )
