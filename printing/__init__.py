"""Paper: contents become documents, documents become the bytes of a printer, and printers are told apart by drivers.

Everything up to the bytes is pure (`render.py`): no clock, no chance, no port, so the same content gives the same
bytes. The one thing a newcomer would get wrong: a layout never asks for a size in dots. It speaks millimetres, the
composer snaps to whole dots of the head, and the linter refuses what came out too small, cut off or unreadable.
"""
