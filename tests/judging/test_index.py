"""The stability index against scores written out by hand, and every reason not to score."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from ingestion.clock import LOCAL
from orchestration.judging.index import IndexInputs, score_index
from orchestration.judging.index.published import indicator_rows
from tests.judging import index_city as small

NOON = datetime(2026, 9, 17, 9, tzinfo=LOCAL)


def newest(inputs: IndexInputs) -> dict[str, dict[str, object]]:
    """The rows of the newest month by unit."""
    scores = score_index(inputs, NOON).tables["fct_index"]
    last = scores.filter(pl.col("period_start") == scores["period_start"].max())
    return {row["unit_code"]: row for row in last.to_dicts()}


def test_the_score_is_the_one_written_out_by_hand() -> None:
    found = newest(small.city())
    assert set(found) == {"t1", "t2", "t3"}
    for unit, a, b in (
        ("t1", (90, 100), (2, 5)),
        ("t2", (80, 100), (1, 5)),
        ("t3", (100, 100), (0, 5)),
    ):
        assert found[unit]["score"] == pytest.approx(small.by_hand(a, b, (45, 50)), rel=1e-12)
    assert found["t1"]["period_start"] == date(2026, 8, 1)
    assert [found[t]["band"] for t in ("t1", "t2", "t3")] == ["C", "C", "B"]


def test_weights_and_goalposts_are_data() -> None:
    weights = {"D1": 0.65, "D2": 0.35}
    goals = {"A": (60.0, 95.0), "B": (10.0, 1.0), "C": (70.0, 98.0)}
    changed = newest(small.city(small.version(weights, goals)))
    expected = small.by_hand((90, 100), (2, 5), (45, 50), (0.65, 0.35), goals)
    assert changed["t1"]["score"] == pytest.approx(expected, rel=1e-12)


def test_the_order_of_rows_changes_nothing() -> None:
    inputs = small.city(small.version(priors=False))
    calm = score_index(inputs, NOON).tables
    mixed = IndexInputs(
        **{
            name: value.sample(fraction=1.0, shuffle=True, seed=5)
            if isinstance(value, pl.DataFrame)
            else value
            for name, value in vars(inputs).items()
        }
    )
    for name, table in score_index(mixed, NOON).tables.items():
        assert table.equals(calm[name]), name


def test_a_confirmed_red_line_caps_the_score_for_a_year_and_the_score_stays_visible() -> None:
    veto = {
        "sheet_code": "s", "unit_level": "town", "unit_code": "t3",
        "veto_confirm_date": date(2026, 6, 30), "evidence_no": "ZJ1",
    }  # fmt: skip
    scores = score_index(small.city(vetoes=small.vetoes([veto])), NOON).tables["fct_index"]
    third = scores.filter(pl.col("unit_code") == "t3").sort("period_start")
    capped = third.filter(pl.col("red_line"))
    assert capped["period_start"].to_list() == [date(2026, m, 1) for m in (6, 7, 8)]
    assert capped["score"].min() > 75
    assert set(capped["score_final"]) == {59.0}
    assert set(capped["band"]) == {"R"}
    assert set(capped["light"]) == {"R"}
    assert all("ZJ1" in reason for reason in capped["light_reason_zh"])
    free = third.filter(~pl.col("red_line"))
    assert free["score"].equals(free["score_final"])
    low = {**veto, "unit_code": "t2"}
    below = newest(small.city(small.version(goals={**small.GOALS, "A": (95.0, 100.0)}),
                              vetoes=small.vetoes([low])))["t2"]  # fmt: skip
    assert below["score_final"] == below["score"] < 59


def test_a_dimension_with_too_little_weight_gives_no_total() -> None:
    only_a = small.city(b={"t1": (0, 0), "t2": (1, 5), "t3": (1, 5)})
    row = newest(only_a)["t1"]
    assert row["score"] is None
    assert row["why_not_zh"] == "数据不足：维度D1有数据的权重不足60%"
    assert row["light"] is None
    heavy = small.version(item_weights={"A": 0.7, "B": 0.3, "C": 1.0})
    assert newest(small.city(heavy, b={"t1": (0, 0), "t2": (1, 5), "t3": (1, 5)}))["t1"]["score"]


def test_missing_weight_moves_inside_the_dimension() -> None:
    heavy = small.version(item_weights={"A": 0.7, "B": 0.3, "C": 1.0})
    row = newest(small.city(heavy, b={"t1": (0, 0), "t2": (1, 5), "t3": (1, 5)}))["t1"]
    share = 100 * (12 * 90 + 18) / (12 * 100 + 20)
    first, second = 100 * (share - 50) / 50, 100 * (100 * (180 + 9) / (200 + 10) - 80) / 20
    assert row["score"] == pytest.approx(100 * (first / 100) ** 0.75 * (second / 100) ** 0.25)


def test_too_much_inherited_weight_gives_no_total() -> None:
    half = small.version({"D1": 0.55, "D2": 0.45})
    row = newest(small.city(half))["t1"]
    assert row["inherited_share"] == pytest.approx(0.45)
    assert row["why_not_zh"] == "数据不足：继承自区县或派出所的权重超过40%"


def test_a_value_from_elsewhere_is_carried_three_months_and_no_longer() -> None:
    inputs = small.city()
    gone = (pl.col("item_code") == "C") & (pl.col("period_start") > date(2025, 12, 1))
    old = IndexInputs(**{**vars(inputs), "counts": inputs.counts.filter(~gone)})
    scores = score_index(old, NOON).tables["fct_index"].filter(pl.col("unit_code") == "t1")
    known = scores.filter(pl.col("score").is_not_null())["period_start"].to_list()
    # Its quarters end in November and February: the last is carried to the end of April.
    assert known == [date(2025, m, 1) for m in (11, 12)] + [date(2026, m, 1) for m in (1, 2, 3, 4)]


def test_a_town_without_due_items_takes_the_districts_value_and_says_so() -> None:
    listed = (("D1", "A", "higher", "share", "town", "district"), *small.ITEMS[1:])
    inputs = small.city(
        a={"t1": (0, 0), "t2": (80, 100), "t3": (100, 100)}, items=small.items(listed=listed)
    )
    district = small.counts("A", "district", {"330602": (180, 200)})
    inputs = IndexInputs(**{**vars(inputs), "counts": pl.concat([inputs.counts, district])})
    items = score_index(inputs, NOON).tables["fct_index_item"]
    row = items.filter(
        (pl.col("unit_code") == "t1") & (pl.col("item_code") == "A")
        & (pl.col("period_start") == date(2026, 8, 1))
    ).to_dicts()[0]  # fmt: skip
    assert row["is_inherited"]
    assert row["source_code"] == "330602"
    assert row["value"] == pytest.approx(90.0)


def test_fewer_than_five_households_give_no_value() -> None:
    few = small.city(a={"t1": (0.3, 0.4), "t2": (80, 100), "t3": (90, 100)}, k5=frozenset({"A"}))
    items = score_index(few, NOON).tables["fct_index_item"]
    hidden = items.filter((pl.col("unit_code") == "t1") & (pl.col("item_code") == "A"))
    assert hidden["value"].is_null().all()
    assert hidden["score"].is_null().all()


def test_the_last_month_alone_is_kept_beside_the_year_and_scores_nothing() -> None:
    inputs = small.city()
    august = (pl.col("period_start") == date(2026, 8, 1)) & (pl.col("unit_code") == "t1")
    # 30 of 60 items instead of 90 of 100; 4 events of 50,000 heads instead of 2.
    part = pl.when(august & (pl.col("item_code") == "A")).then(30.0)
    whole = pl.when(august & (pl.col("item_code") == "A")).then(60.0)
    changed = inputs.counts.with_columns(
        numerator=part.when(august & (pl.col("item_code") == "B")).then(4.0).otherwise("numerator"),
        denominator=whole.otherwise("denominator"),
    )
    found = score_index(IndexInputs(**{**vars(inputs), "counts": changed}), NOON)
    rows = found.tables["fct_index_item"].filter(
        (pl.col("unit_code") == "t1") & (pl.col("period_start") == date(2026, 8, 1))
    )
    by_item = {row["item_code"]: row for row in rows.to_dicts()}
    assert by_item["A"]["value_month"] == pytest.approx(50.0)
    assert by_item["A"]["value"] == pytest.approx(100 * (11 * 90 + 30) / (11 * 100 + 60))
    assert by_item["B"]["value_month"] == pytest.approx(4 / (5 / 12))
    assert by_item["B"]["value"] == pytest.approx((11 * 2 + 4) / 5)
    assert by_item["C"]["is_inherited"] and by_item["C"]["value_month"] is None
    hidden = small.city(k5=frozenset({"A"}))
    items = score_index(hidden, NOON).tables["fct_index_item"].filter(pl.col("item_code") == "A")
    assert items["value"].is_not_null().all() and items["value_month"].is_null().all()


def test_the_light_needs_the_posterior_a_fall_or_a_red_line() -> None:
    towns = ("t1", "t2", "t3")
    best = small.city(
        a=dict.fromkeys(towns, (99, 100)), b=dict.fromkeys(towns, (0, 5)), c={"330602": (50, 50)}
    )
    good = newest(best)["t1"]
    assert (good["light"], good["p_yellow"]) == ("G", 0.0)
    bad = newest(small.city(a=dict.fromkeys(("t1", "t2", "t3"), (60, 100))))["t1"]
    assert bad["light"] == "R"
    assert bad["p_red"] > 0.8
    assert "低于60分的概率" in str(bad["light_reason_zh"])


def test_a_fall_of_more_than_eight_points_in_three_months_is_yellow() -> None:
    inputs = small.city(b=dict.fromkeys(("t1", "t2", "t3"), (0, 5)), c={"330602": (50, 50)})
    late = (pl.col("period_start") > date(2026, 5, 1)) & (pl.col("item_code") == "A")
    fallen = inputs.counts.with_columns(
        numerator=pl.when(late & (pl.col("unit_code") == "t3")).then(0.0).otherwise("numerator")
    )
    row = newest(IndexInputs(**{**vars(inputs), "counts": fallen}))["t3"]
    assert row["change_3months"] < -8
    assert row["p_yellow"] < 0.5
    assert row["light"] == "Y"
    assert "三个月下降" in str(row["light_reason_zh"])


def test_a_rank_is_printed_only_where_it_is_known_to_ten_places() -> None:
    rng = np.random.default_rng(3)
    towns = [f"t{i:02}" for i in range(40)]
    a = {t: (float(rng.binomial(8, 0.9)), 8.0) for t in towns}
    a["t00"], a["t01"] = (0.0, 300.0), (300.0, 300.0)
    b = {t: (float(rng.poisson(1)), 5.0) for t in towns}
    b["t00"], b["t01"] = (40.0, 5.0), (0.0, 5.0)
    scores = score_index(small.city(small.version(priors=False), a=a, b=b), NOON).tables[
        "fct_index"
    ]
    last = scores.filter(pl.col("period_start") == date(2026, 8, 1))
    width = last["rank_high"] - last["rank_low"]
    assert ((width <= 10) == last["rank"].is_not_null()).all()
    assert last.filter(pl.col("unit_code") == "t00")["rank"].to_list() == [40]
    assert last["rank"].null_count() > 10
    inside = last.filter(pl.col("rank").is_not_null())
    assert (inside["rank"] >= inside["rank_low"] - 10).all()


def test_two_versions_stand_side_by_side_and_one_is_in_force() -> None:
    old = small.version(valid_to=date(2026, 6, 1))
    new = small.version({"D1": 0.7, "D2": 0.3}, name="v2", valid_from=date(2026, 6, 1))
    scores = score_index(small.city(pl.concat([old, new])), NOON).tables["fct_index"]
    first = scores.filter(pl.col("unit_code") == "t1")
    for month in pl.date_range(date(2025, 11, 1), date(2026, 8, 1), "1mo", eager=True):
        official = first.filter((pl.col("period_start") == month) & pl.col("is_official"))
        assert official["index_version"].to_list() == ["v2" if month >= date(2026, 6, 1) else "v1"]
    restated = first.filter((pl.col("index_version") == "v2") & ~pl.col("is_official"))
    assert restated["period_start"].min() == date(2025, 11, 1)


def test_a_department_needs_an_on_time_block_and_thirty_due_items() -> None:
    listed = (
        ("B1", "A", "higher", "share", "department", None),
        ("B2", "B", "lower", "share", "department", None),
    )
    rows = small.version({"D1": 0.5, "D2": 0.5}, card="DEPT", judges=0, priors=False,
                         item_weights={"A": 1.0, "C": 1.0})  # fmt: skip
    rename = {"D1": "B1", "D2": "B2"}
    rows = rows.filter(pl.col("row_kind") != "G").with_columns(
        pl.col("dim_code").replace(rename), pl.col("item_code").replace({"C": "B"})
    )
    goals = rows.filter(pl.col("row_kind") == "W").filter(pl.col("item_code") != "-").with_columns(
        row_kind=pl.lit("G"), weight=None,
        goal_lo=pl.when(pl.col("item_code") == "A").then(50.0).otherwise(20.0),
        goal_hi=pl.when(pl.col("item_code") == "A").then(100.0).otherwise(0.0),
    )  # fmt: skip
    departments = ["d1", "d2", "d3", "d4"]
    counted = pl.concat(
        [
            small.counts("A", "department", {"d1": (9, 10), "d2": (2, 2), "d4": (8, 10)}),
            small.counts("B", "department", {"d1": (1, 10), "d2": (0, 9), "d3": (0, 50)}),
        ]
    )
    named = pl.DataFrame(
        {"unit_level": "department", "unit_code": [*departments, "unassigned"]}
    ).with_columns(
        district_code=pl.lit(None, pl.String), town_type=pl.lit(None, pl.String),
        population=pl.lit(None, pl.Int64),
    )  # fmt: skip
    inputs = small.city(
        pl.concat([rows, goals]),
        items=small.items("DEPT", listed), counts=counted, units=named, departments=departments,
    )  # fmt: skip
    found = newest(inputs)
    assert found["d1"]["score"] is not None
    assert found["d2"]["why_not_zh"] == "数据不足：近12个月到期事项不足30件"
    assert found["d3"]["why_not_zh"] == "数据不足：没有按期类条目"
    # Without a single matter in B2 its weight moves to B1.
    assert found["d4"]["score"] is not None
    assert found["d4"]["due_n"] == 120


def test_published_rows_are_those_of_the_version_in_force() -> None:
    result = score_index(small.city(), NOON).tables["fct_index"]
    registry = pl.DataFrame(
        {"indicator_code": ["S01"], "target": [80.0], "yellow": [70.0], "red": [60.0],
         "formula_version": ["1.0.0"]}
    )  # fmt: skip
    rows = indicator_rows(result, registry, {"S01": "warn"}, {"S01": None})
    assert len(rows) == len(result)
    assert rows["value"].equals(result["score_final"].alias("value"))
    last = rows.filter(pl.col("period_start") == date(2026, 8, 1))
    assert set(last["quality_flag"]) == {"warn"}
    assert set(rows.filter(pl.col("period_start") < date(2026, 8, 1))["quality_flag"]) == {"ok"}
    assert set(last["period_label"]) == {"2026-08"}
