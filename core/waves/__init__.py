"""Released work: waves, batches for one walk, who is in them and who works on them.

The one thing a newcomer gets wrong: membership is immutable; what became of a member is its outcome.
"""
