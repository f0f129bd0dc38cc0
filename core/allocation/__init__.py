"""Promising the site's stock to fulfilments, and reserving it located when work is released.

The one thing a newcomer gets wrong: a promise names no location; only a release does.
"""
