"""The content on paper: an A4 PDF through typst, the same bytes for the same content.

Nothing of the moment or the machine is in it: the PDF's date is that of the pages, its identifier
follows from its content, and fonts are Debian's Noto CJK.
"""

from __future__ import annotations

import json
from pathlib import Path

from dashboards.compiler import palette
from ingestion.clock import LOCAL
from orchestration.brief.content import Content

TEMPLATE = Path(__file__).parent / "template"


class NotSet(RuntimeError):
    """The document could not be set; the text says why."""


def pdf(content: Content) -> bytes:
    """The brief as a PDF. Raises `NotSet` when the fonts are missing or the template fails."""
    import typst

    colours = {
        "red": palette.RED, "yellow": palette.YELLOW, "green": palette.GREEN, "grey": palette.GREY,
        "ink": palette.BACKGROUND, "bar": palette.BAR, "series": list(palette.SERIES),
        "stages": list(palette.STAGES),
    }  # fmt: skip
    data = json.dumps(
        {**content.document, "colours": colours}, ensure_ascii=False, sort_keys=True, default=str
    )
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)
    if "Noto Sans CJK SC" not in fonts.families():
        raise NotSet(
            "the font Noto Sans CJK SC is missing (Debian: apt-get install fonts-noto-cjk)"
        )
    moment = content.as_of.replace(tzinfo=LOCAL)
    compiler = typst.Compiler(
        str(TEMPLATE / "brief.typ"), root=str(TEMPLATE), font_paths=fonts,
        sys_inputs={"brief": data, "year": str(moment.year), "month": str(moment.month),
                    "day": str(moment.day)},
    )  # fmt: skip
    try:
        made = compiler.compile(format="pdf", timestamp=int(moment.timestamp()))
    except typst.TypstError as error:
        raise NotSet(f"{error}") from error
    assert isinstance(made, bytes)
    return made
