"""How SQLite would answer a question, by the statistics of a busy warehouse that every file gets (EXPLAIN QUERY PLAN)."""

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tests.support import Bench


def reads_too_much(it: Bench, questions: Mapping[str, Any], small: set[str]) -> list[str]:
    """Return the steps of the questions' plans that go over a whole table, but those of a few rows."""
    reader = it.database.reader()
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    sa.event.listen(reader.engine, "before_cursor_execute", note)
    bad: list[str] = []
    for name, query in questions.items():
        sent.clear()
        query.run(reader)
        assert sent, name
        for statement, parameters in list(sent):
            plan = reader.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            bad += [f"{name}: {row[3]}" for row in plan if _too_much(row[3], small)]
    reader.close()
    return bad


def _too_much(step: str, small: set[str]) -> bool:
    found = re.match(r"(SEARCH|SCAN) (\w+)(.*)", step)
    if found is None or found[2] in small:
        return False
    if found[1] == "SCAN":
        return not re.match(r"anon_\d+|subquery", found[2])
    by = found[3].count("=?") + found[3].count(">?")
    # Without any it is the newest entry of an index; the log and the site itself have keys of one column.
    return 0 < by < (1 if found[2] in ("site", "op_log") else 2)
