"""Taking goods from their locations into totes.

The one thing a newcomer gets wrong: a task covers lines of many orders; whose unit it is lies in the reservations.
"""
