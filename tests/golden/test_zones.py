"""The L4 zones: counted apart, and nothing small can be taken back from what leaves them."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from deltalake import write_deltalake
from scipy.optimize import linprog

from ingestion.contract import load
from ingestion.lake.tables import feed_path, feed_schema
from orchestration.judging.alerts import aggregate_alerts
from orchestration.publish import publish
from orchestration.transform import declassified, run_dbt, run_zones, zones
from tests.golden import city
from tests.golden.conftest import Golden


def lay_in_the_lake(code: str) -> None:
    """The golden rows of a zoned feed, as a Delta table of its zone."""
    contract = load(code)
    rows = pl.read_csv(city.HERE / "lake" / f"{contract.table}.csv", infer_schema=False)
    moments = [n for n, t in feed_schema(contract).items() if isinstance(t, pl.Datetime)]
    columns = []
    for name, dtype in feed_schema(contract).items():
        if name not in rows.columns:
            columns.append(pl.lit(None, dtype).alias(name))
        elif name in moments:
            local = pl.col(name).str.to_datetime(time_unit="us").dt
            utc = local.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
            columns.append(utc.alias(name))
        elif dtype == pl.Date:
            columns.append(pl.col(name).str.to_date())
        elif dtype == pl.Boolean:
            columns.append((pl.col(name) == "true").alias(name))
        else:
            columns.append(pl.col(name).cast(dtype))
    table = rows.select(columns).to_arrow(compat_level=pl.CompatLevel.oldest())
    write_deltalake(str(feed_path(contract)), table, partition_by=["_month"])


def tables_of(file: Path) -> set[str]:
    with duckdb.connect(str(file), read_only=True) as con:
        found = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
    return {row[0] for row in found}


def test_a_zone_is_counted_in_a_file_only_we_may_read(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    main = tmp_path / "build" / "fengqiao.duckdb"
    lay_in_the_lake("F12")
    crossed = run_zones(city.AS_OF, golden.project)
    with duckdb.connect(str(main), read_only=True) as con:
        shown = con.execute(
            "select unit_code, numerator, denominator from declassified.zone_counts"
            " where indicator_code = 'H02' order by 1"
        ).fetchall()
        hidden = con.execute(
            "select count(*), count(numerator), count(denominator), count(population_n)"
            " from declassified.zone_counts where is_hidden"
        ).fetchall()
    assert shown == [("330600", 46.0, 74.0), ("330602", 25.0, 39.0), ("330681", 21.0, 35.0)]
    assert hidden == [(11, 0, 0, 0)] and crossed == 24 + 3
    private = zones.build_file("health")
    for file in private.parent.glob("l4-*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert tables_of(main) == {"declassified.zone_counts"}, "nothing else crossed"
    inside = tables_of(private)
    assert {"lake.f12_smd_patient_care", "l4.declassified_health"} <= inside
    assert not any("f14" in name or "o01" in name or "fct_" in name for name in inside)
    assert not any("f12" in name for name in tables_of(zones.build_file("minors")))


def test_a_zone_whose_data_are_gone_leaves_nothing_behind(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    main = tmp_path / "build" / "fengqiao.duckdb"
    old = pl.DataFrame({"indicator_code": ["H02"], "numerator": [40.0]})
    declassified.replace(main, [old])
    assert run_zones(city.AS_OF, golden.project) == 0
    with duckdb.connect(str(main), read_only=True) as con:
        assert con.execute("select count(*) from declassified.zone_counts").fetchall() == [(0,)]


FAMILIES, DISTRICTS = 300, 6


def random_families() -> pl.DataFrame:
    """Counts of districts from nothing to plenty, and their city; one family per month."""
    random = np.random.default_rng(20260402)
    size = random.choice([0, 3, 12, 40, 200], (FAMILIES, DISTRICTS))
    denominator = random.poisson(size)
    numerator = random.binomial(denominator, random.uniform(0.2, 1.0, (FAMILIES, 1)))
    months = pl.date_range(pl.date(2000, 1, 1), pl.date(2024, 12, 1), "1mo", eager=True)
    cells = pl.DataFrame(
        {
            "period_start": np.repeat(months.to_numpy(), DISTRICTS),
            "unit_code": [f"33060{d}" for d in range(DISTRICTS)] * FAMILIES,
            "numerator": numerator.ravel().astype(float),
            "denominator": denominator.ravel().astype(float),
        }
    ).with_columns(unit_level=pl.lit("district"))
    whole = (
        cells.group_by("period_start")
        .agg(pl.sum("numerator", "denominator"))
        .with_columns(unit_code=pl.lit("330600"), unit_level=pl.lit("city"))
        .select(cells.columns)
    )
    return pl.concat([cells.filter(pl.col("denominator") > 0), whole]).with_columns(
        indicator_code=pl.lit("X"),
        window_kind=pl.lit("month"),
        period_end=pl.col("period_start").dt.month_end(),
        is_running=pl.lit(False),
    )


NO_TOTALS = pl.DataFrame(schema={"figure": pl.String, "counted_n": pl.Int64})


def leave_the_zone(
    project: Path, counts: pl.DataFrame, totals: pl.DataFrame = NO_TOTALS
) -> pl.DataFrame:
    """Counts through the macro `declassify`, in a zone's build file with six districts."""
    districts = [f"33060{d}" for d in range(DISTRICTS)]
    file = zones.build_file("health")
    file.parent.mkdir(parents=True)
    with duckdb.connect(str(file)) as con:
        con.execute("create schema l4; create schema marts")
        con.register("given", counts.to_arrow())
        con.execute("create table l4.l4_health_counts as select * from given")
        con.register("totals", totals.to_arrow())
        con.execute("create table l4.l4_health_totals as select * from totals")
        con.register("place", pl.DataFrame({"unit_district": districts}).to_arrow())
        con.execute("create table marts.int_district_unit as select * from place")
    run_dbt(
        city.AS_OF,
        select="declassified_health",
        project=project,
        command="run",
        build_name=file.stem,
    )
    return declassified.crossing(file, "health")


def test_a_total_of_a_zone_moves_by_ten_or_not_at_all(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Yesterday's page beside today's must not tell a day's few."""
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    counted = list(range(60))
    totals = pl.DataFrame({"figure": [f"N{n:02}" for n in counted], "counted_n": counted})
    left = leave_the_zone(golden.project, random_families().head(0), totals)
    shown = left.sort("indicator_code")["numerator"].to_list()
    assert shown[:10] == [None] * 10 and left["is_hidden"].sum() == 10
    assert set(shown[10:]) == {10.0, 20.0, 30.0, 40.0, 50.0}
    assert all(total <= n < total + 10 for n, total in enumerate(shown) if total is not None)
    assert set(left["unit_level"]) == {"city"} and left["denominator"].is_null().all()


def narrowed_to(hidden_n: int, total: float) -> float:
    """The largest value of a hidden cell that a linear program allows, given what they sum to."""
    found = linprog(
        [-1.0] + [0.0] * (hidden_n - 1), A_eq=[[1.0] * hidden_n], b_eq=[total], bounds=(0, None)
    )
    least = linprog(
        [1.0] + [0.0] * (hidden_n - 1), A_eq=[[1.0] * hidden_n], b_eq=[total], bounds=(0, None)
    )
    return float(-found.fun - least.fun)


def test_a_linear_program_cannot_narrow_a_hidden_cell(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DP-08, by what is known outside: the city less the districts shown."""
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    given = random_families()
    left = leave_the_zone(golden.project, given)
    assert len(left) == FAMILIES * (DISTRICTS + 1), "a district without a row is a zero, and shown"
    shown = left.filter(~pl.col("is_hidden"))
    for small in (
        pl.col("numerator") < 10,
        pl.col("denominator") - pl.col("numerator") < 10,
        pl.col("denominator") < 30,
    ):
        assert shown.filter(small).is_empty()
    attacked = 0
    for family in left.partition_by("period_start"):
        whole = family.filter(pl.col("unit_level") == "city").row(0, named=True)
        districts = family.filter(pl.col("unit_level") == "district")
        hidden_n = districts["is_hidden"].sum()
        if whole["is_hidden"] or hidden_n == 0:
            assert not whole["is_hidden"] or hidden_n > 0, "else the districts give the city back"
            continue
        rest = whole["numerator"] - districts["numerator"].sum()
        rest_of_all = whole["denominator"] - districts["denominator"].sum()
        assert narrowed_to(int(hidden_n), rest) >= 10
        assert narrowed_to(int(hidden_n), rest_of_all - rest) >= 10
        attacked += 1
    assert attacked > 100


def test_no_published_value_of_a_zone_is_small_and_each_has_one_window(golden: Golden) -> None:
    with duckdb.connect(str(golden.database), read_only=True) as con:
        table = con.execute(
            "select * from judged.fct_indicator where indicator_code in"
            " ('H02', 'H03', 'H04', 'H05', 'H06', 'H07', 'Y05', 'Y06')"
        ).pl()
        unplaced = con.execute(
            "select count(*) from judged.fct_indicator join marts.dim_indicator using"
            " (indicator_code) where not list_contains(string_split(unit_levels, ';'), unit_level)"
            " or not list_contains(string_split(window_kinds, ';'), window_kind)"
        ).fetchall()
    assert unplaced == [(0,)]
    assert set(table["unit_level"]) == {"district", "city"}
    assert (
        table.group_by("indicator_code").agg(pl.n_unique("window_kind"))["window_kind"].max() == 1
    )
    hidden = table.filter(pl.col("suppressed"))
    numbers = [n for n, t in table.schema.items() if t == pl.Float64 and "threshold" not in n]
    numbers = [n for n in numbers if n != "target"] + ["open_n", "light"]
    assert len(hidden) == 15
    assert hidden.select(pl.all_horizontal(pl.col(numbers).is_null()).all()).item()
    shown = table.filter(~pl.col("suppressed"))
    own = (shown["rolling_denominator"] == shown["denominator"]).all()
    assert own, "a rolling sum is a second window"


RULES = pl.DataFrame(
    {
        "rule_id": ["MH-A1"],
        "rule_version": ["1.0.0"],
        "ground": ["a"],
        "light": ["A"],
        "area_zh": ["精神卫生"],
        "condition_zh": ["…"],
        "legal_basis_zh": ["…"],
        "valid_from": ["2015-06-04"],
        "valid_to": [None],
        "limit_share": [80.0],
        "least_probability": [0.8],
    },
    schema_overrides={"valid_to": pl.String},
).with_columns(pl.col("valid_from", "valid_to").str.to_date())


def h02(unit: str, numerator: float | None, denominator: float | None) -> dict[str, object]:
    return {
        "indicator_code": "H02",
        "unit_level": "district",
        "unit_code": unit,
        "numerator": numerator,
        "denominator": denominator,
        "suppressed": numerator is None,
    }


def test_a_district_is_alerted_by_the_probability_of_lying_below_eighty_percent() -> None:
    cells = [h02("low", 700, 1000), h02("good", 920, 1000), h02("edge", 810, 1000)]
    judged = pl.DataFrame([*cells, h02("gone", None, None)]).with_columns(
        period_start=pl.date(2026, 9, 30),
        period_end=pl.date(2026, 9, 30),
        value=100 * pl.col("numerator") / pl.col("denominator"),
        as_of=pl.datetime(2026, 10, 31, time_unit="us"),
        release_id=pl.lit("r1"),
    )  # fmt: skip
    alerts = aggregate_alerts(RULES, judged)
    assert alerts.select("unit_code", "is_raised").rows() == [
        ("edge", False),
        ("good", False),
        ("low", True),
    ]
    assert alerts.filter(pl.col("unit_code") == "low")["probability"].item() > 0.99
    before = RULES.with_columns(valid_from=pl.date(2027, 1, 1))
    assert aggregate_alerts(before, judged).is_empty(), "a rule not yet in force judges nothing"


def test_the_alert_of_the_golden_city_is_a_row_with_its_law(golden: Golden) -> None:
    with duckdb.connect(str(golden.database), read_only=True) as con:
        rows = con.execute(
            "select rule_id, unit_code, numerator, denominator, is_raised, legal_basis_zh <> ''"
            " from judged.fct_aggregate_alert order by unit_code"
        ).fetchall()
    assert rows == [
        ("MH-A1", "330602", 25.0, 39.0, True, True),
        ("MH-A1", "330681", 21.0, 35.0, True, True),
    ]


def test_pages_show_no_small_number_of_a_zoned_feed(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    database = tmp_path / "build" / "fengqiao.duckdb"
    database.parent.mkdir()
    shutil.copy(golden.database, database)
    with duckdb.connect(str(database)) as con:
        con.execute(
            "insert into lake.o01_delivery_log by name select"
            " unnest(['z1', 'z2']) as delivery_id, 'F12' as feed_code,"
            " timestamptz '2026-04-01 02:00:00+00' as landed_time, unnest([9, 40]) as rows_n,"
            " unnest([8, 39]) as inserted_n, 1 as quarantined_n, 0 as updated_n, 0 as deleted_n,"
            " 0 as unchanged_n, 0 as superseded_n, '1' as status"
        )
        con.execute(
            "insert into lake.quarantine by name select 'F12' as feed_code, 'type' as rule,"
            " 'next_due' as column_name, 'error' as severity, '4 digits' as value_shape,"
            " timestamptz '2026-04-01 02:00:00+00' as landed_time"
        )
    published = publish("r1", city.AS_OF, serve=[])
    with duckdb.connect(str(published.file), read_only=True) as con:
        receipts = con.execute(
            "select rows_n, inserted_n, quarantined_n, unbalanced_n from receipt"
            " where feed_code = 'F12' order by rows_n nulls first"
        ).fetchall()
        quarantined = con.execute(
            "select rows_n, shape_example from quarantine_by_rule where feed_code = 'F12'"
        ).fetchall()
        tile = con.execute("select note from health_board where tile_no = 4").fetchall()
    assert receipts == [(None, None, None, 0), (40, None, None, 0)]
    assert quarantined == [(None, "—")]
    assert tile == [("隔离 0 行",)], "a total over all feeds would give the zone's back"
