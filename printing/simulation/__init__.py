"""The parts of the virtual printer (`printing/virtual.py`): what it hears, what it is like, and what it has printed.

The one thing to know: it is a device and no fake. It runs in a process of its own, speaks bytes over TCP, loses what
it had not printed when its power is cut, and keeps every label it did print; it never runs in production.
"""
