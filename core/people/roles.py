"""What each role may do: permissions by role, deny by default.

A permission is ``area.act``; every command names one, and a test compares all commands with this table, so that none is
open by accident and none can be done by nobody.
"""

from collections.abc import Mapping

PICKER, PACKER, LOADER = "picker", "packer", "loader"
LEAD, INVENTORY, IT = "lead", "inventory", "it"
AUDITOR, INTEGRATION = "auditor", "integration"

_FLOOR = frozenset({"people.session", "cases.open", "floor.look"})

ROLES: Mapping[str, frozenset[str]] = {
    PICKER: _FLOOR | {"pick.work", "print.reprint"},
    PACKER: _FLOOR | {"pack.work", "print.reprint", "returns.receive"},
    LOADER: _FLOOR | {"ship.load", "ship.manifest"},
    LEAD: _FLOOR
    | {
        "pick.work",
        "pack.work",
        "pack.approve_weights",
        "ship.load",
        "ship.manifest",
        "returns.receive",
        "print.reprint",
        "print.paper",
        "people.badge",
        "waves.release",
        "orders.hold",
        "orders.amend",
        "orders.receive",
        "receiving.announce",
        "receiving.book",
        "receiving.finish",
        "allocation.promise",
        "cases.decide",
        "stock.move",
        "rights.recall",
        "rights.reclaim",
    },
    INVENTORY: _FLOOR
    | {
        "cases.decide",
        "receiving.announce",
        "receiving.book",
        "receiving.finish",
        "returns.receive",
        "stock.receive",
        "stock.move",
        "stock.adjust",
        "stock.count",
        "stock.hold",
        "catalog.edit",
        "pack.approve_weights",
        "print.paper",
    },
    IT: frozenset(
        {
            "people.session",
            "people.edit",
            "people.badge",
            "rules.edit",
            "stations.admit",
            "stations.edit",
            "catalog.edit",
            "cases.open",
            "cases.decide",
            "floor.look",
            "print.paper",
        }
    ),
    AUDITOR: frozenset({"floor.look"}),
    # What comes in by file or wire, and the station's own upkeep.
    INTEGRATION: frozenset(
        {
            "catalog.edit",
            "orders.receive",
            "orders.hold",
            "orders.amend",
            "receiving.announce",
            "receiving.finish",
            "stock.receive",
            "allocation.promise",
            "waves.release",
            "people.edit",
            "rules.edit",
            "stations.admit",
            "stations.edit",
            "rights.lease",
            "rights.recover",
            "rights.give_back",
            "rights.recall",
            "pack.approve_weights",
            "print.run",
            "print.paper",
            "print.reprint",
            "cases.open",
            "cases.decide",
        }
    ),
}

REPRINTS_FREE: Mapping[str, int] = {PICKER: 3, PACKER: 3, LEAD: 10}
"""How many copies of one label a role prints without anybody's leave; who has several roles has the most of them."""
_REPRINTS_FREE = 3


def reprints_free(roles: str) -> int:
    """Return how many copies of one label somebody with these comma-separated roles prints freely."""
    return max((REPRINTS_FREE.get(role, 0) for role in roles.split(",")), default=0) or _REPRINTS_FREE


BADGE_ALONE = frozenset({PICKER, PACKER, LOADER})
"""Floor roles: for these and no others the badge alone will do, where policy does not ask for the PIN."""


def allowed(roles: str, permission: str) -> bool:
    """Return whether any of a person's comma-separated roles grants a permission."""
    return any(permission in ROLES.get(role, frozenset()) for role in roles.split(","))


def holds_any(roles: str, wanted: str) -> bool:
    """Return whether somebody with these comma-separated roles has one of those; of none nobody has one."""
    return not set(filter(None, wanted.split(","))).isdisjoint(roles.split(","))


def badge_is_enough(roles: str) -> bool:
    """Return whether somebody with these comma-separated roles works on the floor and does nothing else."""
    return BADGE_ALONE.issuperset(roles.split(","))
