"""Painted parts of the station's screen; each takes a theme and a value, and decides nothing.

The one thing a newcomer would get wrong: a code is never cut and never wraps; it shrinks a step of the scale.
"""
