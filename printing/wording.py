"""Our own words on paper in every language, by their English source; data in `resources/paper/`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

SOURCE = "en"
LANGUAGES = ("en", "de", "ar")
"""Languages that our own words are there in."""
RIGHT_TO_LEFT = ("ar",)


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Return our own words in a language, by their English source; none for English itself."""
    if language not in LANGUAGES or language == SOURCE:
        return {}
    text = files("resources").joinpath("paper", f"{language}.toml").read_text(encoding="utf-8")
    found: Mapping[str, str] = tomllib.loads(text)["words"]
    return found
