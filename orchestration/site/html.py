"""Pieces of HTML, escaped, and where a thing's page lies. Labels bear both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from json import dumps


def slug(name: str) -> str:
    """A name as a file's name: `GB/T 2260` is GB-T-2260, `C02#2` is C02-2."""
    return re.sub(r"[^0-9A-Za-z_.]+", "-", name)


def href(kind: str, name: str, anchor: str = "") -> str:
    """Address of a thing's page from the site's root."""
    return f"{kind}/{slug(name)}.html" + (f"#{anchor}" if anchor else "")


def link(kind: str, name: str, text: str | None = None, anchor: str = "", up: str = "../") -> str:
    """A link from a page one folder deep."""
    return f'<a href="{up}{href(kind, name, anchor)}">{escape(text or name)}</a>'


def code(text: str) -> str:
    """Code, with places to break a long name at."""
    return f"<code>{escape(text).replace('_', '_<wbr>')}</code>"


def listed(parts: Iterable[str]) -> str:
    """HTML parts side by side, a dash for none."""
    return " · ".join(parts) or "—"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], anchors: Sequence[str] = ()) -> str:
    """A table of HTML cells; `anchors` gives a row's id."""
    ids = [f' id="{escape(a)}"' for a in anchors]
    titles = "".join(f"<th>{h}</th>" for h in head)
    out = [f'<div class="wide"><table class="data"><thead><tr>{titles}</tr></thead><tbody>']
    for number, row in enumerate(rows):
        cells = "".join(f"<td>{cell}</td>" for cell in row)
        out.append(f"<tr{ids[number] if ids else ''}>{cells}</tr>")
    return "\n".join([*out, "</tbody></table></div>"])


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """What is said of one thing: label, HTML."""
    rows = "".join(f"<tr><th>{escape(k)}</th><td>{v or '—'}</td></tr>" for k, v in pairs)
    return f'<div class="wide"><table class="facts"><tbody>{rows}</tbody></table></div>'


def page(title: str, trail: str, parts: Iterable[str]) -> str:
    """A page's Markdown: title, the way here, parts."""
    # JSON is YAML: quotes and colons of a title do no harm there. The list is one click up the
    # trail; its column beside the page is given to the tables.
    head = f"---\ntitle: {dumps(title, ensure_ascii=False)}\nhide: [navigation]\n---\n"
    return "\n\n".join([head + f'<p class="trail">{trail}</p>', f"# {plain(title)}", *parts]) + "\n"


def plain(text: str) -> str:
    """Text in which Markdown finds nothing of its own."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)
