"""Parcels on their way out: services, labels and their numbers, manifests, and the door.

The one thing to know: a label's number is taken before the label exists and is never given to a second parcel, so a
reprint is the same parcel again and never a new shipment.
"""
