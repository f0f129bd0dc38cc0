"""What is where: the append-only ledger, balances derived from it, reservations, lots, holds.

The one thing a newcomer gets wrong: nothing writes a balance but `ledger.post`.
"""
