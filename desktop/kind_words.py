"""What kinds of codes, and of files that are read in, are called."""

from collections.abc import Mapping

from core.kernel.flow import CodeKind

KINDS: Mapping[CodeKind, str] = {
    CodeKind.ITEM: "item",
    CodeKind.LOCATION: "location",
    CodeKind.TOTE: "tote",
    CodeKind.CART: "cart",
    CodeKind.BOX_TYPE: "carton",
    CodeKind.ORDER: "order",
    CodeKind.PARCEL: "label",
    CodeKind.LPN: "package",
    CodeKind.LOT: "lot",
    CodeKind.SERIAL: "serial",
    CodeKind.PERSON: "badge",
    CodeKind.BATCH: "batch",
    CodeKind.MANIFEST: "dock list",
    CodeKind.FILL: "slip",
}
"""What people call what a code names."""

FILE_KINDS: Mapping[str, str] = {
    "items": "Items",
    "locations": "Locations",
    "stock": "Stock",
    "orders": "Orders",
    "people": "People",
    "containers": "Totes and carts",
    "boxes": "Cartons",
    "deliveries": "Deliveries",
}
"""What a file that is read in may hold."""
