"""Every published figure follows from records: counted in the lake of the demonstration.

    python -m tests.published_figures            # exit 1 where one does not

Each line is the figure's id, what was published, and what the records give, by the expression that
is written beside it. Nothing here writes a figure down for the product; it is computed from the
rows that the agencies of the scenario `as-published` sent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from ingestion.contract import load, load_all
from ingestion.lake.logs import read_log
from ingestion.lake.tables import feed_path


def rows(code: str) -> pl.DataFrame:
    """The feed's live rows."""
    frame = pl.read_delta(str(feed_path(load(code))))
    return frame.filter(~pl.col("_deleted").fill_null(False))


def register(list_code: str, kind: str, local: bool = False) -> pl.DataFrame:
    found = rows("R07").filter((pl.col("list_code") == list_code) & (pl.col("item_kind") == kind))
    return found.filter("is_local") if local else found


def codes(table: str) -> pl.DataFrame:
    return rows("R06").filter(pl.col("code_table") == table)


def apps(test: pl.Expr) -> int:
    """Applications of ledger S0 with a round that passes the test."""
    return rows("F24").filter(test)["app_id"].n_unique()


def lights() -> tuple[int, int]:
    """Cases with a red light, and cases with a yellow one and no red."""
    lit = rows("F09").select("case_id", "light")
    red = lit.filter(pl.col("light") == "R")["case_id"].unique()
    yellow = lit.filter(pl.col("light") == "Y")["case_id"].unique()
    return len(red), len(yellow.filter(~yellow.is_in(red.implode())))


def youth() -> pl.DataFrame:
    """The city's total rows of F15, latest batch of each month, newest month last."""
    total = rows("F15").filter(
        (pl.col("district_code") == "330600")
        & (pl.col("age_band") == "0")
        & (pl.col("offence_group") == "00")
    )
    return total.sort("stat_month", "report_batch").unique(
        "stat_month", keep="last", maintain_order=True
    )


def against_last_year(value: Callable[[dict[str, float]], float]) -> float:
    """Relative change of a value of the newest month against the same month a year before, %."""
    table = youth()
    newest = table.row(-1, named=True)
    month = str(int(newest["stat_month"]) - 100)
    before = table.filter(pl.col("stat_month") == month).row(0, named=True)
    return 100 * (value(newest) / value(before) - 1)


def structure() -> str:
    """Elements of the youth application by the element above them: 1/1/2/3/7."""
    counted = register("YS", "05").group_by("parent_item_id").len().sort("len")
    return "/".join(str(n) for n in counted["len"].to_list())


def longest_run() -> int:
    years = sorted(
        set(
            rows("R07").filter((pl.col("list_code") == "PC") & (pl.col("result") == "01"))[
                "item_year"
            ]
        )
    )
    best = run = 0
    for i, year in enumerate(years):
        run = run + 1 if i and year == years[i - 1] + 1 else 1
        best = max(best, run)
    return best


def ages() -> str:
    bands = codes("YOUTH_AGE").filter(pl.col("code") != "0")
    low, high = bands.select(pl.col("num_lo").min(), pl.col("num_hi").max()).row(0)
    return f"{low}-{high}"


def stated(list_code: str) -> int:
    return int(register(list_code, "01")["count_stated"][0])


def categories() -> int:
    """Categories with valid rows delivered (Q02)."""
    log = read_log("o01_delivery_log").filter(pl.col("valid_rows_n") > 0)
    return log.filter(pl.col("feed_code").str.starts_with("P"))["feed_code"].n_unique()


def systems() -> int:
    """Source systems of the contracts of the 48 categories."""
    return len({c.domain for c in load_all().values() if c.is_category})


@dataclass(frozen=True)
class Figure:
    code: str
    name: str
    published: str
    computed: Callable[[], float | int | str]
    holds: Callable[[float | int | str], bool]


def exactly(value: float | int | str) -> Callable[[float | int | str], bool]:
    return lambda found: found == value


def at_least(value: float) -> Callable[[float | int | str], bool]:
    return lambda found: float(found) >= value


def rounds_to(value: float, places: int) -> Callable[[float | int | str], bool]:
    return lambda found: round(float(found), places) == value


piloted = pl.col("pilot_level").is_in(["P", "T"]) & pl.col("online_date").is_not_null()
FIGURES = [
    Figure(
        "G01", "入库应用", "50", lambda: apps(pl.col("registered_date").is_not_null()), exactly(50)
    ),
    Figure("G02", "上线应用", "42", lambda: apps(pl.col("online_date").is_not_null()), exactly(42)),
    Figure("G03", "试点或推广", "39", lambda: apps(piloted), exactly(39)),
    Figure("G04", "全省好应用", "3", lambda: register("GA", "02").height, exactly(3)),
    Figure(
        "G05", "S1试点子场景", "19", lambda: apps(pl.col("s1_major_app").is_not_null()), exactly(19)
    ),
    Figure("G06", "S1重大应用", "21", lambda: stated("S1"), exactly(21)),
    Figure("G07", "揭榜认领项目", "24", lambda: stated("CH"), exactly(24)),
    Figure("G08", "其中绍兴", "3", lambda: register("CH", "02", local=True).height, exactly(3)),
    Figure(
        "G09",
        "排查患者",
        "26000余",
        lambda: rows("F12")["patient_token"].n_unique(),
        at_least(26000),
    ),
    Figure("G10", "预警人次", "3125", lambda: rows("F13").height, exactly(3125)),
    Figure(
        "G11",
        "处置人次",
        "710",
        lambda: rows("F13")["handle_time"].drop_nulls().len(),
        exactly(710),
    ),
    Figure("G12", "民意数据", "11", lambda: codes("OPINION_KIND").height, exactly(11)),
    Figure("G13", "汇聚案件", "33018", lambda: rows("F08")["case_id"].n_unique(), exactly(33018)),
    Figure("G14", "红灯案件", "61", lambda: lights()[0], exactly(61)),
    Figure("G15", "黄灯案件", "704", lambda: lights()[1], exactly(704)),
    Figure(
        "G16",
        "覆盖青少年",
        "11.3万",
        lambda: youth()["covered_youth_n"][-1] / 1000,
        rounds_to(113, 0),
    ),
    Figure(
        "G17",
        "人数同比",
        "-18%",
        lambda: against_last_year(lambda r: r["person_ytd_n"]),
        rounds_to(-18, 0),
    ),
    Figure(
        "G18",
        "复犯率同比",
        "-31.59%",
        lambda: against_last_year(lambda r: r["reoffend_person_n"] / r["released_cohort_n"]),
        rounds_to(-31.59, 2),
    ),
    Figure(
        "G19",
        "年龄",
        "14-25",
        ages,
        exactly("14-25"),
    ),
    Figure("G20", "一舱一库两端三场景七应用", "1/1/2/3/7", structure, exactly("1/1/2/3/7")),
    Figure("G21", "协助事项", ">70", lambda: rows("F05")["matter_code"].n_unique(), at_least(71)),
    Figure("G22", "在线办理", "26000余", lambda: int(rows("F05")["online"].sum()), at_least(26000)),
    Figure("G23", "业务系统", "7", systems, exactly(7)),
    Figure("G24", "数据类别", "48", categories, exactly(48)),
    Figure("G25", "改革举措", "38", lambda: register("RM", "03").height, exactly(38)),
    Figure("G26", "平安连续年", "13", longest_run, exactly(13)),
    Figure(
        "G27",
        "区县市",
        "6",
        lambda: rows("R01").filter(pl.col("unit_level") == "2")["region_code"].n_unique(),
        exactly(6),
    ),
    Figure(
        "G28",
        "领域",
        "6",
        lambda: codes("DOMAIN").filter(pl.col("code") != "CC").height,
        exactly(6),
    ),
    Figure("G29", "核心业务", "3", lambda: register("JB", "06").height, exactly(3)),
]


def main() -> int:
    """Print every figure; 1 where a computed value does not match the published one."""
    wrong = 0
    for figure in FIGURES:
        found = figure.computed()
        right = figure.holds(found)
        wrong += not right
        shown = f"{found:.4f}" if isinstance(found, float) else str(found)
        print(
            f"{'ok ' if right else 'NO '} {figure.code} {figure.name}: {figure.published} | {shown}"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
