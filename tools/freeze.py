"""Write today's tables as the frozen text of the first revision: `python -m tools.freeze`.

Only before the first release; after it, a change of a table is a revision of its own.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import core.everything  # noqa: F401  every table must be declared
from core.kernel.tables import metadata

VERSIONS = Path(__file__).parents[1] / "core" / "kernel" / "migrations" / "versions"


def statements(dialect: sa.Dialect) -> list[str]:
    """Return what makes every table and index of a dialect, in dependency order."""
    made: list[str] = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made.extend(str(CreateIndex(index).compile(dialect=dialect)).strip() for index in indexes)
    return [" ".join(line.split()) for line in made]


def main() -> None:
    """Write both files."""
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        text = "".join(f"{statement};\n" for statement in statements(dialect))
        (VERSIONS / f"r0001.{dialect.name}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
