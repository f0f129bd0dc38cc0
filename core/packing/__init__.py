"""Packing: what was picked becomes closed cartons, each unit proven, each carton with its label.

The one thing to know: a carton is closed if and only if its label's data is spooled in the same transaction.
"""
