"""Revisions of the tables, applied by Alembic only when a file is behind.

The one thing to know: guards (triggers, unique indexes) are not part of a revision; they are made anew after each.
"""
