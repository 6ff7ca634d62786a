"""The search's index: one entry per thing a reader may look for, as a script the browser reads.

Substrings, not words: Chinese has no spaces, and a dictionary of words for it (jieba, last released
in 2020) would have to be shipped and would still not know 一码管. A script and not JSON, because
a page opened from a folder may load the one and not the other. `theme/search.js` ranks.
"""

from __future__ import annotations

import json
import re

from orchestration.site import documents, models
from orchestration.site.facts import Facts
from orchestration.site.html import href, slug
from orchestration.site.indicators import rule_name

# Kind, code, title, address, more words.
Entry = tuple[str, str, str, str, str]


def entries(facts: Facts, documents_: dict[str, str]) -> list[Entry]:
    """Everything that can be found."""
    found: list[Entry] = []
    for code, row in facts.indicators.items():
        words = [row[k] for k in ("name_en", "formula_zh", "numerator_zh", "denominator_zh")]
        words += [row[k] for k in ("caution_zh", "basis", "owner_zh", "domain_zh")]
        url = href("indicators", code)
        found.append(("指标", code, row["name_zh"], url, " ".join(words)))
    for code, contract in facts.feeds.items():
        words = [contract.table, contract.usage, contract.purpose, contract.owner, contract.grain]
        words += [contract.limitations, contract.legal_basis, f"feed:{code}"]
        found.append(("数据源", code, contract.name, href("feeds", code), " ".join(words)))
        for field in contract.fields:
            names = [field.landed_name or "", field.source, *(a.source for a in field.aliases)]
            more = " ".join([*names, field.description, contract.name])
            url = href("feeds", code, field.name)
            found.append(("字段", field.name, f"{field.label} · {code}", url, more))
    for name, rows in facts.codes.items():
        found.append(("代码表", name, rows[0]["origin"], href("codes", name), ""))
        for row in rows:
            if row["code"] != "*":
                url = href("codes", name, f"c-{slug(row['code'])}")
                found.append(
                    ("代码", row["code"], f"{row['label_zh']} · {name}", url, row["label_en"])
                )
    for model in facts.models.values():
        if models.has_page(facts, model):
            words = [c.description for c in model.columns]
            columns = [c.name for c in model.columns]
            url = href("models", model.name)
            more = " ".join([*columns, *words])
            found.append(("模型", model.name, model.description, url, more))
    for rule, grounds in facts.rules.items():
        more = " ".join(g["condition_zh"] + g["legal_basis_zh"] for g in grounds)
        title = f"{rule_name(facts, rule)} · {grounds[0]['area_zh']}"
        found.append(("预警", rule, title, href("rules", rule), more))
    for page in facts.pages.values():
        more = " ".join(b.title for b in page.blocks)
        found.append(("页面", page.id, page.title, href("pages", page.id), more))
    for path, text in documents_.items():
        url = re.sub(r"README\.html$", "index.html", path.removesuffix(".md") + ".html")
        top = documents.title(text)
        for heading, anchor, body in documents.sections(text):
            shown = top if heading == top else f"{heading} · {top}"
            found.append(("文档", "", shown, f"{url}#{anchor}", body))
    return found


def script(found: list[Entry]) -> str:
    """The index as a script."""
    return "window.fengqiaoIndex=" + json.dumps(found, ensure_ascii=False) + ";\n"
