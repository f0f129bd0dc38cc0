"""Cancelling, changing and putting back: what one decision of the office means in every area below.

The one thing a newcomer gets wrong: the consequence depends on the stage of each unit, not of the order. What is not
released is cancelled at once, what is picked is stopped and put back by hand, what is in the van is too late.
"""
