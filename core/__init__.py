"""The allocation and shipping core of a warehouse: pure Python over SQLAlchemy Core.

Nothing here knows Qt, a socket, a port or the wall clock; whoever needs the time, an id or a device is handed one.
"""
