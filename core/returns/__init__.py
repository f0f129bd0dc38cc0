"""Parcels that come back: received by a scan of their label, at a place for returns.

The one thing a newcomer would get wrong: a receipt moves no goods. What is in the box is known once somebody has opened it and
scanned each unit; until then the books say that its units are out in the world, and the receipt says where the box stands.
"""
