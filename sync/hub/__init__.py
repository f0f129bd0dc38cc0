"""The hub's side of the wire: stations' operations are applied again by name, and what they wrote becomes the feed."""
