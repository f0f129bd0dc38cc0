"""The window and the command line of a station: Qt is here and nowhere else.

The one thing to know: this is a leaf that could be thrown away. It renders states and emits gestures; it decides nothing.
"""
