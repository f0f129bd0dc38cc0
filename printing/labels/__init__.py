"""Layouts of labels: pure functions from a content to a document of one page.

A layout is a drawing: its numbers are millimetres on the label, from the top left corner. Change one and its golden
file changes with it; raise the template's version in `render.py` when what is on the paper changes.
"""
