"""A child process for power cuts: commits one number after another and says each aloud once its COMMIT returned.

`python -m tests.simulation.numbered_commits FILE SYNCHRONOUS FIRST COUNT` ends with 0 when all are committed and with 3
when the disk failed. The thing a newcomer would get wrong: a number is printed and flushed only after the commit, to a
pipe that outlives the power, so whoever reads it was promised that number.
"""

import sys

from sqlcipher3 import dbapi2

RAW_KEY = "x'" + "5a" * 32 + "'"
PAYLOAD = "p" * 700
DISK_FAILED = 3


def connect(path: str, synchronous: str) -> "dbapi2.Connection":
    """Open the database as a station does: raw key, WAL, checkpoints that come often here."""
    connection = dbapi2.connect(path, isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f'PRAGMA key = "{RAW_KEY}"')
    # Said aloud: a station opened in the same process changes SQLCipher's default for every later connection.
    connection.execute("PRAGMA cipher_hmac_algorithm = HMAC_SHA256")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA wal_autocheckpoint = 30")
    return connection


def commit_numbers(path: str, synchronous: str, first: int, count: int) -> int:
    """Commit the numbers and say each; return the exit code."""
    try:
        connection = connect(path, synchronous)
        connection.execute("CREATE TABLE IF NOT EXISTS numbered (number INTEGER PRIMARY KEY, payload TEXT NOT NULL)")
        for number in range(first, first + count):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO numbered VALUES (?, ?)", (number, PAYLOAD))
            connection.execute("UPDATE numbered SET payload = payload || 'x' WHERE number = ?", (number // 2,))
            connection.execute("COMMIT")
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
    except dbapi2.Error as error:
        sys.stderr.write(f"{error}\n")
        return DISK_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(commit_numbers(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
