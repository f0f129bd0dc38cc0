"""The parts of the virtual scanner and scale (`devices/virtual.py`): what they send, and how they take what they hear.

The one thing to know: they are devices and no fakes. They run in a process of their own behind a pseudo-terminal, wait
to be acknowledged, and can be pulled out in the middle of a scan; they never run in production.
"""
