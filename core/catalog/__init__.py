"""What there is to move and where it can stand: items, barcodes, packagings, sites, locations and box types.

The one thing a newcomer would get wrong: what a scanned string *can* mean (`codes.py`) is decided without looking at
any row; which of these readings stands is found by a query, in the context of the step.
"""
