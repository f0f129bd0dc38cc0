"""The one inbox of exceptions: what a person has to look at.

The one thing a newcomer gets wrong: a case never blocks the floor; the work is parked and the operator goes on.
"""
