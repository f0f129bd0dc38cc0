"""Power cuts and other weather: what the tests do to a station that no test of a single room could."""
