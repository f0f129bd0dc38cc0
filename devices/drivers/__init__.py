"""The only place that opens anything: serial ports, HID, Linux' input devices, Windows' raw input.

Each is small and says nothing of what the bytes mean. The one thing a newcomer would get wrong: a driver that is not
there on this system, or whose library is not installed, has no ports; it is no error.
"""
