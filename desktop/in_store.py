"""A company's rules for its in-store numbers: `codes.toml` in the station's home."""

import tomllib
from pathlib import Path

from core.catalog.in_store import InStoreRule, RuleFault, rules_of
from core.kernel.refusal import Fault

CODES = "codes.toml"


def read_rules(home: Path) -> tuple[InStoreRule, ...]:
    """Return the rules of a home; none where it says none.

    Raises:
        Fault: the file is broken: a number that is read by half of its rules would be another item.
    """
    file = home / CODES
    try:
        return rules_of(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RuleFault) as e:
        raise Fault(f"{CODES}: {e}") from e
