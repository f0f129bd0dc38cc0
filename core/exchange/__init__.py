"""Files in and out: readers, mappings, reports, imports and exports.

The one thing a newcomer gets wrong: a bad line rejects its document, never half of it, and nothing is guessed.
"""
