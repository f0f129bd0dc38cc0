"""From a flow's state to a screen: pure formatting, tested without Qt; one module a bench."""
