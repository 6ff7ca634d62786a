"""F24: the ledger of 50 scenario applications with every review round, as a workbook.

Names are those the public report gives; an application it does not name stays unnamed.
Counts at the end are the published ones (50 registered, 42 online, 39 piloted or promoted,
19 under a list-S1 application, 38 reform measures), derived from dated records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from simulation.world import World

# name, domain, region, role of the leading organisation, award
NAMED = [
    ("“枫桥式”社会智治中枢", "CC", "330600", "politics_law", "N"),
    ("全民反诈平台", "GA", "330600", "police", "N"),
    ("“安心码”协同应用", "GA", "330600", "police", "N"),
    ("浙里严重精神障碍患者管理服务应用", "ZL", "330600", "politics_law", "N"),
    ("公安情指行合成作战平台", "GA", "330600", "police", "B"),
    ("智慧民意感知系统", "GA", "330600", "police", "N"),
    ("法院执行“一件事”", "FY", "330600", "court", "G"),
    ("数字检察监督平台", "JC", "330600", "procuratorate", "B"),
    ("“两法衔接”信息分析研判平台", "SF", "330600", "justice", "N"),
    ("全市域智慧城管和综合执法一体化平台", "ZF", "330600", "enforcement", "N"),
    ("“大综合一体化”执法监管应用", "ZF", "330600", "enforcement", "N"),
    ("浙里预防青少年新型违法犯罪应用", "ZL", "330600", "politics_law", "G"),
    ("平安创建“一单一码”", "ZL", "330600", "politics_law", "B"),
    ("重大决策社会风险评估应用", "ZL", "330602", "politics_law", "G"),
    ("重点场所网格管理平台", "ZL", "330604", "politics_law", "N"),
    ("矛调“枫桥经验”应用", "ZL", "330681", "social_centre", "N"),
    ("警网协同联动治理", "GA", "330683", "police", "N"),
    ("一网察警", "GA", "330624", "police", "N"),
]
FILLER_DOMAIN = ("ZL", "GA", "JC", "FY", "SF", "ZF", "CC")
FILLER_ROLE = {
    "ZL": "politics_law",
    "GA": "police",
    "JC": "procuratorate",
    "FY": "court",
    "SF": "justice",
    "ZF": "enforcement",
    "CC": "social_centre",
}
REGIONS = ("330600", "330602", "330603", "330604", "330624", "330681", "330683")
APPS, ONLINE, PILOTED, UNDER_S1, MEASURES = 50, 42, 39, 19, 38
GROUPS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "基本信息",
        [
            ("app_id", "应用编号"),
            ("app_name", "应用名称"),
            ("domain", "领域(一中六分)"),
            ("lead_org_code", "牵头单位"),
            ("region_code", "县(市、区)代码"),
            ("s1_major_app", "所属一本账S1重大应用"),
        ],
    ),
    (
        "审核",
        [
            ("review_round", "审核轮次"),
            ("report_date", "报送日"),
            ("review_date", "审核日"),
            ("review_result", "审核结果"),
            ("registered_date", "入库日"),
        ],
    ),
    (
        "状态",
        [
            ("online_date", "上线日"),
            ("pilot_level", "省级试点/推广"),
            ("award", "好应用/最佳实践培育"),
            ("reform_measure_n", "配套改革举措数"),
        ],
    ),
]
FIELDS = [field for _, group in GROUPS for field, _ in group]


@dataclass(frozen=True)
class Ledger:
    """Every review round that will ever be, with dates; `as_of` shows what was known."""

    world: World

    @cached_property
    def rounds(self) -> pl.DataFrame:
        world, rng = self.world, self.world.chance(24)
        last_report = world.end - timedelta(days=70)
        rows: list[dict[str, object]] = []
        online = set(rng.permutation(APPS)[:ONLINE].tolist()) | set(range(len(NAMED)))
        online = set(sorted(online)[:ONLINE])
        piloted = set(sorted(online)[:PILOTED])
        measures = rng.multinomial(MEASURES, np.full(APPS, 1 / APPS))
        for number in range(APPS):
            if number < len(NAMED):
                name, domain, region, role, award = NAMED[number]
            else:
                name = f"S0清单应用{number + 1:02d}(名称未公布)"
                domain = FILLER_DOMAIN[number % len(FILLER_DOMAIN)]
                region = REGIONS[(number * 3) % len(REGIONS)]
                role, award = FILLER_ROLE[domain], "N"
            # two of three were reported before the data begin, the others during the year
            back = 700 - number * 13 if number < 36 else 330 - (number - 36) * 19
            report = last_report - timedelta(days=int(max(back, 5) + rng.integers(0, 5)))
            tries = 1 if rng.random() < 0.6 else 2 + int(rng.random() < 0.2)
            for attempt in range(1, tries + 1):
                review = report + timedelta(days=int(rng.integers(6, 16)))
                passed = attempt == tries
                goes_online = passed and number in online
                start = review + timedelta(days=int(rng.integers(15, 45))) if goes_online else None
                if start is not None and start > world.end:
                    start = world.end - timedelta(days=3)
                rows.append(
                    {
                        "app_id": f"S0-{number + 1:03d}",
                        "app_name": name,
                        "domain": domain,
                        "lead_org_code": world.organisation(region, role),
                        "region_code": region,
                        "s1_major_app": f"S{number + 1:02d}" if number < UNDER_S1 else None,
                        "review_round": attempt,
                        "report_date": report,
                        "review_date": review,
                        "review_result": "1" if passed else "2",
                        "registered_date": review if passed else None,
                        "online_date": start,
                        "pilot_level": ("P" if number % 3 else "T")
                        if passed and number in piloted
                        else "N",
                        "award": award if passed else "N",
                        "reform_measure_n": int(measures[number]) if passed else 0,
                    }
                )
                report = review + timedelta(days=int(rng.integers(5, 12)))
        return pl.DataFrame(rows, infer_schema_length=None).sort("report_date", "app_id")

    def known_at(self, day: date) -> pl.DataFrame:
        """The ledger as it stood at the end of `day`, every field in declared meaning."""
        seen = self.rounds.filter(pl.col("report_date") <= day)

        def by(name: str) -> pl.Expr:
            return pl.when(pl.col(name) <= day).then(pl.col(name))

        reviewed, online = pl.col("review_date") <= day, pl.col("online_date") <= day
        return seen.with_columns(
            by("review_date"),
            by("registered_date"),
            by("online_date"),
            review_result=pl.when(reviewed).then("review_result"),
            pilot_level=pl.when(online).then("pilot_level").otherwise(pl.lit("N")),
            award=pl.when(online).then("award").otherwise(pl.lit("N")),
        ).select(FIELDS)


def write_workbook(rows: pl.DataFrame, day: date, path: Path) -> None:
    """A title, merged groups, labels, the rows and two footnotes, as the agency sends it."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        # the moment of the file is its day, not the clock: the same city gives the same bytes
        book.set_properties({"created": datetime.combine(day, time(17))})
        sheet = book.add_worksheet("S0台账")
        bold = book.add_format(
            {
                "bold": True,
                "align": "center",
                "valign": "vcenter",
                "border": 1,
                "bg_color": "#DCE6F1",
            }
        )
        title = book.add_format({"bold": True, "align": "center", "font_size": 14})
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(
            0,
            0,
            0,
            len(FIELDS) - 1,
            f"绍兴市数字法治场景应用S0台账(演示数据,截至{day:%Y年%m月%d日})",
            title,
        )
        column = 0
        for group, fields in GROUPS:
            sheet.merge_range(1, column, 1, column + len(fields) - 1, group, bold)
            for offset, (_, label) in enumerate(fields):
                sheet.write_string(2, column + offset, label, bold)
            column += len(fields)
        for line, row in enumerate(rows.iter_rows(), start=3):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(line, column, value, dated)
                elif value is not None:
                    sheet.write(line, column, value)
        foot = 3 + rows.height
        sheet.write_string(foot, 0, "注:每一轮审核保留一行,以最大审核轮次为准。")
        sheet.write_string(foot + 1, 0, "说明:本表由市委政法委(数字法治专班)汇总,演示数据。")
        sheet.set_column(0, len(FIELDS) - 1, 14)
