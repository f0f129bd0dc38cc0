"""A site in one process and one thread: the production's own sync code, real files, a made-up wire and time, one seed one day.

A schedule is a list of events, plain data. It is drawn from a seed without looking at what happens, so that it can be cut
down event by event and stay a schedule. Goods are things that exist once: shelves, totes, boxes and the van know nothing
of any database, and what the checks say of them is what a person in the hall would see.
"""
