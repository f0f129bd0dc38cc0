"""A station's side of the wire: what is pushed, pulled, leased and fetched, each an engine without input or output of its own."""
