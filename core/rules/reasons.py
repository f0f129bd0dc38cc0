"""Reasons a site starts with, before it has exception codes of its own (floor.md B8)."""

SHORT_REASONS = ("COULD_NOT_LOCATE", "STOCKOUT", "DIFFERENT_LOCATION", "BIN_NOT_ACCESSIBLE")
"""Why units were not found at the shelf; the first is the likeliest."""
