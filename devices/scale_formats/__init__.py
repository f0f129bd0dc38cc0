"""From a scale's bytes to readings, one module for each family of protocols, and what to ask them (devices.md 3.1).

All of it is pure. What a reading may be used for is decided by `devices/capture.py`. The one thing a newcomer would
get wrong: bytes that are not understood are not zero, and a scale that does not say that it stands still does not.
"""
