"""Write today's tables, operations and messages as the frozen ones of the first release: `python -m tools.freeze`.

Only before the first release; after it, a change of a table is a revision of its own, and a change of an operation a
version of its own beside the older ones.
"""

import json
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import core.everything  # noqa: F401  every table must be declared
from core.kernel.commands import REGISTRY
from core.kernel.migrate import HEAD
from core.kernel.tables import metadata
from sync.protocol import PROTO
from tests.commands import GOLDEN, ROWS, example, frozen, frozen_rows
from tests.sync.frozen_messages import FOLDER, frozen_messages

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
    """Write tables, operations, rows and messages."""
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        text = "".join(f"{statement};\n" for statement in statements(dialect))
        (VERSIONS / f"r0001.{dialect.name}.sql").write_text(text, encoding="utf-8")
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for kind, cls in REGISTRY.items():
        text = json.dumps(frozen(example(cls)), indent=1, ensure_ascii=False, sort_keys=True)
        (GOLDEN / f"{kind}.{cls.VERSION}.json").write_text(text + "\n", encoding="utf-8")
    ROWS.mkdir(exist_ok=True)
    (ROWS / f"{HEAD}.jsonl").write_text("".join(f"{line}\n" for line in frozen_rows()), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{PROTO}.jsonl").write_text("".join(f"{line}\n" for line in frozen_messages()), encoding="utf-8")


if __name__ == "__main__":
    main()
