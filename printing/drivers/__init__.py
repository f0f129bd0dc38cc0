"""Printers as they are spoken to: one protocol, and a driver for each way a printer is connected.

The one thing to know: a driver never decides whether a label was printed. It says how many bytes left us and what the
printer said about itself; `spooler.py` turns that into a job's state, and an unknown is never made into a 'done'.
"""
