"""Printers: which there are, what goes to which, and what people decide about a job whose printer failed.

The one thing to know: nothing goes to a printer by itself because it was found. Somebody adds a printer and assigns it;
what the network says of itself is a suggestion. The ledger of jobs is the kernel's (`core.kernel.spool`).
"""
