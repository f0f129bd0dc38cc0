"""Who may work on what when several stations share a site: the stations themselves, and what each holds.

The one thing a newcomer gets wrong: a right never ends by time. It ends when it is given back, used up, or taken from a
station that was declared lost, with everything it held answered on the floor.
"""
