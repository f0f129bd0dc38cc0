"""What every area of the core stands on: ids, commands, the one writer, the operation log and the unit of work.

The one thing to know before changing anything here: rows are written only through `UnitOfWork`, inside a command that
the writer runs in one transaction together with its operation-log row. There is no second way to write.
"""
