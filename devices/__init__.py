"""What a station plugs in: scanners and scales, from their bytes to what they said, and back to a beep.

A library of its own that imports nothing of ours: what a code means is for `core/catalog/codes.py`, what a weight is
for is for the bench. It hands over `Scan` (`scan.py`), `Reading` (`scale_formats/reading.py`) and what happened to a
device (`supervisor.py`). Bytes and time go in, frozen values come out; only `drivers/` opens anything. The one thing a
newcomer would get wrong: bytes arrive in pieces of any length, so everything that reads them is fed, never called.
"""
