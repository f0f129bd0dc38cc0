"""Many labels as one file: a PDF of a page each, or the jobs of a printer's language one after another.

The one thing a newcomer would get wrong: a PDF is made once of all its pages; files of one page glued together are none.
"""

from pathlib import Path

from printing import pdf
from printing.compose import Sheet
from printing.kinds import lay_out
from printing.label import Paper
from printing.lint import Finding, shortened
from printing.media import Language, Media
from printing.render import composed, render


class Batch:
    """Labels on the same media, in the order in which they were added."""

    def __init__(self, media: Media, *, language: str = "", templates: Path | None = None) -> None:
        """Begin with none; `language` is that of our own words, `templates` a home's folder of them."""
        self._media, self._language, self._templates = media, language, templates
        self._sheets: list[Sheet] = []
        self._jobs: list[bytes] = []

    def add(self, content: object) -> tuple[bytes, tuple[Finding, ...]]:
        """Add a label, and return what of it is bytes already (nothing, of a PDF) and what had to be shortened.

        Raises:
            LabelFault: it must not be printed as it is.
        """
        if self._media.language is Language.PDF:
            paper = Paper(self._media.width_mm, self._media.height_mm)
            document = lay_out(content, paper, language=self._language, templates=self._templates)
            sheets = composed(document, self._media)
            self._sheets += sheets
            return b"", tuple(finding for sheet in sheets for finding in shortened(sheet))
        made = render(content, media=self._media, language=self._language, templates=self._templates)
        self._jobs.append(made.data)
        return made.data, made.shortened

    def data(self, title: str) -> bytes:
        """Return all of them."""
        if self._media.language is Language.PDF:
            return pdf.build(tuple(self._sheets), title=title)
        return b"".join(self._jobs)
