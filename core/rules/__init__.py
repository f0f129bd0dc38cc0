"""Decisions as data: how strict each check is, and what follows from an exception.

The one thing a newcomer gets wrong: a check's strictness is looked up here, never written into a flow.
"""
