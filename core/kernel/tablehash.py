"""One hash per table over what travels or follows from it: two databases with equal hashes hold the same.

Rows go in key order with canonical values, so SQLite and PostgreSQL say the same.
"""

from hashlib import sha256

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.tables import TABLES, TableClass, TableInfo

HASHED = (TableClass.FEED, TableClass.LEDGER, TableClass.DERIVED)


def table_hashes(connection: sa.Connection) -> dict[str, str]:
    """Return SHA-256 in hex by table, for every table that is not local or private."""
    return {name: _table_hash(connection, info) for name, info in sorted(TABLES.items()) if info.kind in HASHED}


def _table_hash(connection: sa.Connection, info: TableInfo) -> str:
    rows = []
    for raw in connection.execute(sa.select(info.sql)):
        values = [bytes(value).hex() if isinstance(value, bytes | memoryview) else value for value in raw]
        key = [str(values[info.columns.index(name)]) for name in info.key]
        rows.append((key, codec.canonical(values)))
    digest = sha256()
    # Sorted here: two databases collate text apart.
    for _, text in sorted(rows):
        digest.update(text.encode())
        digest.update(b"\n")
    return digest.hexdigest()
