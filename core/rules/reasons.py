"""Reasons a site starts with, before it has exception codes of its own (floor.md B8)."""

SHORT_REASONS = ("COULD_NOT_LOCATE", "STOCKOUT", "DIFFERENT_LOCATION", "BIN_NOT_ACCESSIBLE")
"""Why units were not found at the shelf; the first is the likeliest."""
MISSING_REASONS = ("COULD_NOT_LOCATE", "WRONG_ITEM_PICKED", "INCORRECT_LOT_PICKED", "MISPLACED")
"""Why units that were picked are not in the tote at the bench."""
CANCEL_REASONS = ("customer", "ordered_twice", "no_goods", "fraud")
"""Why an order is cancelled."""
HOLD_REASONS = ("office", "address", "money", "fraud")
"""Why an order must wait."""
