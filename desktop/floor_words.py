"""What the floor calls its jobs, its keys, who does what, and how far goods are."""

from collections.abc import Mapping

from core.orders.progress import Stage

STAGES: Mapping[Stage, str] = {
    Stage.CANCELLED: "Cancelled",
    Stage.SHORT: "Short",
    Stage.WAITING: "Waiting",
    Stage.PROMISED: "Promised",
    Stage.RELEASED: "Released",
    Stage.PICKED: "Picked",
    Stage.PACKED: "Packed",
    Stage.LOADED: "Loaded",
}

KEY_WORDS: Mapping[str, str] = {
    "SHORT": "Short",
    "DAMAGED": "Damaged",
    "FULL": "Full",
    "REPRINT": "Reprint",
    "SKIP": "Skip",
    "WEIGH": "Weigh",
    "UNDO": "Undo",
    "CALL": "Call",
}
"""The words of the F keys, by verb."""

ROLES: Mapping[str, str] = {
    "picker": "picker",
    "packer": "packer",
    "loader": "loader",
    "lead": "lead",
    "inventory": "inventory",
    "it": "IT",
    "auditor": "auditor",
    "integration": "integration",
}

JOBS: Mapping[str, str] = {
    "home": "Scan anything",
    "receive": "Goods in",
    "pick": "Pick",
    "pack": "Pack",
    "dispatch": "Load",
    "returns": "Returns",
    "move": "Move",
    "cases": "Cases",
    "release": "Release",
    "import": "Import",
    "printers": "Printers",
    "line": "Line to the hub",
    "devices": "Devices",
    "more": "More",
    "here": "This station",
    "comfort": "Text and gloves",
    "sign_out": "Sign out",
}
"""What the menu calls a job."""
