"""Orders from every channel in one form, their lines and fulfilments, and how far each unit has come.

The one thing a newcomer gets wrong: progress is counters (`progress.py` alone moves them), a stage is derived.
"""
