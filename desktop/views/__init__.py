"""One module per kind of screen: each paints a frozen value and emits gestures.

The one thing a newcomer would get wrong: no view knows a command, a database or a device.
"""
