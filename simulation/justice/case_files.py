"""F08 as six agencies send it: each its own encoding, headers, unit of money and way of dates.

Beside every file lies its control file: size, SHA-256, number of rows and the sum of the amounts
as sent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import polars as pl

from simulation.changes import OPEN, day, end_s, from_days, moment, shown
from simulation.deliveries import csv_bytes
from simulation.justice.cases import AGENCIES, DELETED_AFTER_D, Cases
from simulation.justice.warnings import Warnings
from simulation.world import DAY_S, World

HEADERS = {  # field name -> header, in the order of the declaration
    "case_id": "案件编号",
    "agency_code": "执法机关",
    "case_domain": "执法领域",
    "illegal_code": "违法行为代码",
    "charge_hint": "可能涉及罪名",
    "party_kind": "当事人类型",
    "party_name": "当事人",
    "party_id": "当事人证件/信用代码",
    "file_date": "立案日",
    "amount_involved": "涉案金额",
    "quantity": "涉案数量",
    "quantity_unit": "数量单位",
    "fine_amount": "罚款",
    "decide_date": "处罚决定日",
    "close_date": "结案日",
    "prior_penalty_n": "二年内同类处罚次数",
    "town_code": "镇街代码",
    "region_code": "县(市、区)代码",
    "amount_kind": "涉案金额种类",
    "amount2": "第二金额",
    "amount2_kind": "第二金额种类",
    "quantity_kind": "数量种类",
    "act_flag": "行为犯标记",
    "extra_condition_met": "附加条件是否已查明具备",
    "labour_case_id": "关联欠薪案件",
    "prior_penalty_3y_n": "三年内同类处罚次数",
    "prior_penalty_ever_n": "历来同类处罚次数",
    "suspend_days": "依法中止扣除天数",
    "penalty_kind": "处罚种类",
    "transfer_date": "移送公安日",
    "op": "操作标志",
}
MONEY = ("amount_involved", "fine_amount", "amount2")
DATES = ("file_date", "decide_date", "close_date", "transfer_date")
FORMS = {
    "iso": "%Y-%m-%d",
    "slash": "%Y/%-m/%-d",
    "compact": "%Y%m%d",
    "chinese": "%Y年%-m月%-d日",
}


@dataclass(frozen=True)
class Manner:
    """How one agency writes."""

    encoding: str
    form: str
    wan: bool = False  # amounts in 万元
    case_header: str = "案件编号"

    @property
    def headers(self) -> dict[str, str]:
        own = {**HEADERS, "case_id": self.case_header}
        return {**own, **{m: f"{own[m]}(万元)" for m in MONEY}} if self.wan else own


MANNERS = {
    "market": Manner("gb18030", "chinese", wan=True, case_header="案号"),
    "ecology": Manner("gb18030", "slash", case_header="案号"),
    "labour": Manner("utf-8", "iso", wan=True),
    "housing": Manner("gb18030", "slash"),
    "transport": Manner("utf-8", "compact"),
    "enforcement": Manner("utf-8", "iso"),
}


def changes(world: World, cases: Cases, warnings: Warnings) -> pl.DataFrame:
    """Every version a file shows: typed columns by field name, `agency`, `updated`, `period`."""
    rows = cases.cases.join(warnings.transferred, on="number", how="left").with_columns(
        sent=pl.col("sent").fill_null(int(OPEN)),
    )
    gone = pl.col("sent") < int(OPEN)
    rows = rows.with_columns(
        # what the police took over is not decided by the agency
        decided=pl.when(gone).then(pl.lit(int(OPEN))).otherwise("decided"),
        closed=pl.when(gone).then(pl.lit(int(OPEN))).otherwise("closed"),
    )
    evening = 17 * 3600

    def at(name: str) -> pl.DataFrame:
        days = rows.filter(pl.col(name) < int(OPEN))
        return days.with_columns(at=from_days(name) + evening)

    real = rows.with_columns(at=pl.col("entered"))
    parts = [real, at("decided"), at("closed"), at("corrected")]
    parts.append(rows.filter(gone).with_columns(at=pl.col("sent") + 3600))
    withdrawn = pl.col("entered") + DELETED_AFTER_D * DAY_S
    wrong = rows.filter("deleted").with_columns(at=withdrawn)
    every = pl.concat([*parts, wrong]).filter(pl.col("at") < end_s(world))
    every = every.filter(~pl.col("deleted") | (pl.col("at") <= withdrawn))
    return shown(_declared(every), "case_id", world)


def _declared(rows: pl.DataFrame) -> pl.DataFrame:
    """Typed columns as known at `at`; money in whole cents."""
    decided = from_days("decided") <= pl.col("at")
    closed = from_days("closed") <= pl.col("at")
    measured = pl.col("kind").str.starts_with("q")
    fixed = from_days("corrected") <= pl.col("at")
    money = pl.col("has_value") & ~measured
    cents = pl.when(fixed).then(pl.col("cents") * 11 // 10).otherwise("cents")
    penalty = pl.when("no_penalty").then(pl.lit("06")).otherwise(pl.lit("02"))
    return rows.with_columns(decide_s=from_days("decided"), close_s=from_days("closed")).select(
        "agency",
        "case_id",
        "agency_code",
        updated=moment("at"),
        case_domain="domain",
        illegal_code=pl.format(
            "{}{}", "domain", (pl.col("number") % 97 + 100).cast(pl.String).str.zfill(6)
        ),
        charge_hint=pl.when(pl.col("hint") != "").then("hint"),
        party_kind="party_kind",
        party_name="party_name",
        party_id="party_id",
        file_date=pl.col("filed").cast(pl.Int32).cast(pl.Date),
        amount_involved=pl.when(money).then(cents),
        quantity=pl.when(measured).then(pl.col("tonnes").cast(pl.String)),
        quantity_unit=pl.when(measured).then(pl.lit("03")),
        fine_amount=pl.when(decided & ~pl.col("no_penalty")).then(pl.col("fine").cast(pl.Int64)),
        decide_date=pl.when(decided & ~pl.col("no_penalty")).then(day("decide_s")),
        close_date=pl.when(closed).then(day("close_s")),
        prior_penalty_n=pl.col("prior").cast(pl.String),
        town_code=pl.when("has_town").then("town_code"),
        region_code="region_code",
        amount_kind=pl.when(money).then("kind"),
        amount2=pl.when(money & pl.col("second")).then(pl.col("cents") // 50),
        amount2_kind=pl.when(money & pl.col("second")).then(pl.lit("04")),
        quantity_kind=pl.when(measured).then(pl.col("kind").str.slice(1)),
        act_flag="act",
        extra_condition_met=pl.when(pl.col("condition") != "").then("condition"),
        labour_case_id=pl.when(pl.col("domain") == "03").then(
            "QX" + pl.col("number").cast(pl.String).str.zfill(8)
        ),
        prior_penalty_3y_n=(pl.col("prior") + pl.col("more_prior")).cast(pl.String),
        prior_penalty_ever_n=(pl.col("prior") + 2 * pl.col("more_prior")).cast(pl.String),
        suspend_days=pl.col("suspend").cast(pl.String),
        penalty_kind=pl.when(decided | closed).then(penalty),
        transfer_date=pl.when(pl.col("sent") <= pl.col("at")).then(day("sent")),
        op=pl.when(
            pl.col("deleted") & (pl.col("at") == pl.col("entered") + DELETED_AFTER_D * DAY_S)
        )
        .then(pl.lit("D"))
        .otherwise(pl.lit("U")),
    )


def as_text(rows: pl.DataFrame, manner: Manner) -> pl.DataFrame:
    """The rows as one agency writes them, columns by field name in declared order."""
    places, whole = (6, 1_000_000) if manner.wan else (2, 100)
    money = [
        pl.format(
            "{}.{}", pl.col(m) // whole, (pl.col(m) % whole).cast(pl.String).str.zfill(places)
        ).alias(m)
        for m in MONEY
    ]
    dates = [pl.col(d).dt.strftime(FORMS[manner.form]) for d in DATES]
    return rows.with_columns(*money, *dates).select(list(HEADERS))


def file_bytes(text: pl.DataFrame, manner: Manner) -> bytes:
    return csv_bytes(text, manner.headers, manner.encoding)


def control_bytes(blob: bytes, text: pl.DataFrame, manner: Manner) -> bytes:
    """The control file of a file: what the agency says it sent."""
    amounts = text["amount_involved"].cast(pl.Decimal(20, 6), strict=False).drop_nulls()
    figures = {
        "size_bytes": len(blob),
        "sha256": hashlib.sha256(blob).hexdigest(),
        "rows": text.height,
        "sums": {manner.headers["amount_involved"]: str(amounts.sum())},
    }
    return json.dumps(figures, ensure_ascii=False).encode()


def of_agency(rows: pl.DataFrame, role: str) -> pl.DataFrame:
    return rows.filter(pl.col("agency") == AGENCIES.index(role))
