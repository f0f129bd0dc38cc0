"""One operator at one bench: events go to the flow, effects come out, nothing is ever half done.

The one thing a newcomer gets wrong: the flow decides, the station only carries; it knows no screen and no device.
"""
