"""Goods in: deliveries that were announced, and what came of them, line by line.

The one thing to know: what is booked is what somebody had in hand, and always stands. Two people who book one line apart, or
who open more than was announced, are told by a case and never refused.
"""
