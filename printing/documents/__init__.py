"""Layouts of documents: pure functions from a content to as many pages as its rows take.

Unlike a label, a document flows: `flow.py` measures each row with the same routine that sets it later, so a page is
never cut through a row.
"""
