"""How a feed has drifted from its contract, in five classes, each with what might mend it.

added: a column nobody declared · renamed: an undeclared column that is a missing one ·
removed · retyped: most values no longer read as declared · recoded: most values are outside
the code table. A proposal is only that: the delivery stays refused until a person decides.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from ingestion.conform.convert import DAYS, MOMENTS
from ingestion.conform.headers import vocabulary
from ingestion.conform.rows import LOOKS_PERSONAL, PLAIN
from ingestion.contract.codes import table as code_table
from ingestion.contract.model import Contract, Field
from ingestion.draft.code_sets import codes_of
from ingestion.draft.compose import Drafted, drafted
from ingestion.draft.kinds import (
    candidate,
    kind_of,
    personal_class,
    share_read,
    unit_of,
)
from ingestion.draft.names import names

ADDED, RENAMED, REMOVED, RETYPED, RECODED = "added", "renamed", "removed", "retyped", "recoded"
MIN_ROWS = 10  # of fewer rows, most of them are chance
SAMPLE_ROWS = 20_000
MAX_CODES = 30
MAX_UNKNOWN = 30  # of more undeclared columns than these, the first tell enough
_WORDS = {
    ADDED: "新增列",
    RENAMED: "列改名",
    REMOVED: "缺列",
    RETYPED: "类型或格式变更",
    RECODED: "代码变更",
}
_TYPE_RULES, _CODE_RULES = ("type",), ("code", "pattern", "checksum")
_BRACKETS = re.compile(r"[（(\[].*?[）)\]]")
_SAME = 0.6


@dataclass(frozen=True)
class Change:
    """One drift: its class, the column (a header as it may be shown) and what is proposed.

    `declared` is the column's name in the lake, where one is meant; `header` is what the file
    says, where that is not declared: it may be a person's name and is written down nowhere.
    """

    kind: str
    column: str
    said: str  # Chinese, for receipts: no value of a personal column
    declared: str | None = None
    addition: Drafted | None = None  # added
    alias_unit: str | None = None  # renamed
    keys: dict[str, str] = field(default_factory=dict)  # retyped: the column's standard keys
    properties: dict[str, str] = field(default_factory=dict)  # retyped: its customProperties
    code_table: str | None = None  # recoded
    codes: tuple[str, ...] = ()
    header: str = field(default="", repr=False)

    @property
    def words(self) -> str:
        """One phrase for a receipt."""
        return f"{_WORDS[self.kind]} {self.column}（{self.said}）"


def in_words(changes: Sequence[Change]) -> str:
    """The changes as one phrase."""
    return "；".join(c.words for c in changes)


def _filled(column: pl.Series) -> pl.Series:
    cells = column.str.strip_chars().drop_nulls()
    return cells.filter(cells.str.len_bytes() > 0)


def _likeness(header: str, wanted: Field) -> float:
    bare = _BRACKETS.sub("", header).strip().lower()
    known = (wanted.source, wanted.label, wanted.name, *(a.source for a in wanted.aliases))
    return max(
        difflib.SequenceMatcher(None, bare, _BRACKETS.sub("", k).strip().lower()).ratio()
        for k in known
    )


def _fit(cells: pl.Series, header: str, wanted: Field) -> tuple[float, bool]:
    """How well values fit a declared column, and whether few other columns would fit as well."""
    if not len(cells):
        return 0.5, False
    found = personal_class(cells, header)
    if wanted.personal or found:
        same = found is not None and found[0] == wanted.pii
        return (1.0 if same else 0.3 if found is None else 0.0), same
    telling = bool(wanted.code_table or wanted.checksum)
    if wanted.logical == "string" and not telling:
        return 0.5, False
    return share_read(cells, candidate_of(wanted)), telling


def candidate_of(wanted: Field) -> Field:
    """The declared column under the name that `share_read` uses."""
    return candidate(
        wanted.logical,
        wanted.physical,
        code_table=wanted.code_table,
        checksum=wanted.checksum,
        date_forms=wanted.date_forms,
    )


def _renames(
    unknown: Sequence[str], missing: Sequence[Field], sample: pl.DataFrame
) -> dict[str, Field]:
    scores = []
    for header in unknown:
        cells = _filled(sample[header])
        for wanted in missing:
            fit, telling = _fit(cells, header, wanted)
            weight = 0.65 if telling else 0.5
            score = weight * fit + (1 - weight) * _likeness(header, wanted)
            if fit > 0 and score >= _SAME:
                scores.append((score, header, wanted))
    pairs: dict[str, Field] = {}
    for _, header, wanted in sorted(scores, key=lambda s: -s[0]):
        if header not in pairs and wanted not in pairs.values():
            pairs[header] = wanted
    return pairs


def _renamed(header: str, column: str, wanted: Field) -> Change:
    unit = unit_of(header)
    own = wanted.source_unit or wanted.unit
    other = unit[0] if unit and own and unit[0] != own else None
    said = f"疑为 {wanted.source}" + (f"，单位 {other}" if other else "")
    return Change(RENAMED, column, said, wanted.name, alias_unit=other, header=header)


def _added(header: str, column: str, name: str, cells: pl.Series) -> Change:
    found = drafted(header, name, cells)
    kind = found.kind
    said = kind.logical if kind.pii in (None, "none") else f"疑含个人信息 {kind.pii}"
    addition = None if re.search(LOOKS_PERSONAL, header) else found
    return Change(ADDED, column, said, addition=addition, header=header)


def of_header(
    contract: Contract, unknown: Sequence[str], missing: Sequence[Field], sample: pl.DataFrame
) -> list[Change]:
    """The drift of a delivery whose header is not the declared one.

    `sample` holds the first rows as text by the delivery's own headers.
    """
    unknown = list(unknown)[:MAX_UNKNOWN]
    words = vocabulary()
    told = {h: words.shown_at(h, sample.columns, contract) for h in unknown}
    sample = sample.cast(pl.String)  # a header may bear the name of a column of ours
    pairs = _renames(unknown, missing, sample)
    changes = [_renamed(header, told[header], wanted) for header, wanted in pairs.items()]
    new = [header for header in unknown if header not in pairs]
    given = names(new, taken=[f.name for f in contract.fields])
    changes += [_added(h, told[h], name, sample[h]) for h, name in zip(new, given, strict=True)]
    gone = [f for f in missing if f not in pairs.values()]
    changes += [
        Change(REMOVED, f.source, "必填列，请补报" if f.required else "请报送该列，可留空", f.name)
        for f in gone
    ]
    return changes


def _retyped(wanted: Field, cells: pl.Series) -> Change:
    """What the values read as now: further date forms, another number, else only words."""
    name, source = wanted.name, wanted.source
    known = {"date": [*DAYS, "month"], "timestamp": [*MOMENTS]}.get(wanted.logical, [])
    more = [
        form
        for form in known
        if form not in wanted.date_forms
        and share_read(cells, candidate(wanted.logical, wanted.physical, date_forms=(form,))) > 0.5
    ]
    if more:
        forms = ", ".join([*wanted.date_forms, more[0]])
        said = f"日期格式疑为 {more[0]}"
        return Change(RETYPED, source, said, name, properties={"date_forms": f"[{forms}]"})
    kind = kind_of(source, cells)
    unit = cells.str.extract(r"^[+-]?[\d.]+\s*(\p{Han}+)$").drop_nulls()
    if len(unit) > len(cells) / 2:
        return Change(RETYPED, source, f"数值后带单位 {unit.mode()[0]}，请只报数字", name)
    if (kind.logical, kind.physical) == (wanted.logical, wanted.physical) or wanted.personal:
        return Change(RETYPED, source, "无法按约定类型读取", name)
    keys = {"logicalType": kind.logical, "physicalType": f'"{kind.physical}"'}
    forms_now = kind.extra.get("date_forms")
    properties = {"date_forms": f"[{', '.join(forms_now)}]"} if isinstance(forms_now, list) else {}
    said = f"疑为 {kind.logical}"
    return Change(RETYPED, source, said, name, keys=keys, properties=properties)


def _recoded(wanted: Field, cells: pl.Series) -> Change:
    table = code_table(wanted.code_table) if wanted.code_table else None
    name, source = wanted.name, wanted.source
    found = codes_of(source, name, cells)
    other = found.table if found else None
    if other and other != wanted.code_table:
        said = f"疑改用代码表 {other}"
        return Change(RECODED, source, said, name, properties={"code_table": f'"{other}"'})
    if table is None or table.pattern or wanted.personal:
        return Change(RECODED, source, "不符合约定的代码格式", name)
    new = cells.filter(~cells.is_in(table.codes)).unique().sort()
    short = new.filter((new.str.len_chars() <= 20) & ~new.str.contains(LOOKS_PERSONAL))
    if not len(new) or len(new) > MAX_CODES or len(short) < len(new):
        return Change(RECODED, source, f"{len(new)} 种值不在代码表 {table.name} 内", name)
    # Words may be anybody's; only what is a code by its form is shown.
    codes = tuple(short.filter(short.str.contains(PLAIN)).to_list())
    said = f"代码表 {table.name} 之外的值" + (
        f"：{'、'.join(codes)}" if codes else "为文字，非代码"
    )
    return Change(RECODED, source, said, name, code_table=table.name, codes=codes)


def of_findings(
    fields: Sequence[Field], findings: pl.DataFrame, refused: pl.DataFrame, records: int
) -> dict[tuple[str, str], Change]:
    """By column and rule, the drift of columns that broke their type or code in most rows.

    `findings` as conform/rows.py, `refused` the text of refused rows (perhaps only the first).
    """
    if records < MIN_ROWS or not findings.height:
        return {}
    broken = findings.filter(pl.col("rule").is_in([*_TYPE_RULES, *_CODE_RULES]))
    counts = broken.group_by("column_name", "rule").agg(pl.len().alias("n"))
    by_source = {f.source: f for f in fields}
    changes: dict[tuple[str, str], Change] = {}
    for column, rule in (
        counts.filter(pl.col("n") * 2 > records).select("column_name", "rule").rows()
    ):
        wanted = by_source.get(column)
        cells = _filled(refused[column].head(SAMPLE_ROWS)) if wanted else pl.Series(dtype=pl.String)
        if wanted is None or not len(cells):
            continue
        made = _retyped if rule in _TYPE_RULES else _recoded
        changes[column, rule] = made(wanted, cells.str.normalize("NFKC"))
    return changes
