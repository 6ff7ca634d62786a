"""What the reference seeds promise."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import polars as pl

from simulation.reference.codes import gb11714_check, gb32100_check
from simulation.world import seed


def test_the_city_has_6_districts_103_towns_and_2168_villages() -> None:
    division = seed("seed_division")
    assert dict(division["unit_level"].value_counts().iter_rows()) == {"1": 1, "2": 6, "3": 103}
    village = seed("seed_village")
    assert village.height == 2168
    assert village.join(division, on="town_code", how="anti").height == 0


def test_town_populations_sum_exactly_to_their_district_and_the_census() -> None:
    division = seed("seed_division").with_columns(pl.col("pop_resident").cast(pl.Int64))
    towns = (
        division.filter(pl.col("unit_level") == "3")
        .group_by("region_code")
        .agg(pl.col("pop_resident").sum())
    )
    districts = division.filter(pl.col("unit_level") == "2").select(
        "region_code", expected="pop_resident"
    )
    both = districts.join(towns, on="region_code")
    assert both["expected"].to_list() == both["pop_resident"].to_list()
    assert both["expected"].sum() == 5_270_977


def test_every_organisation_code_is_valid_and_belongs_to_nobody() -> None:
    codes = seed("seed_organisation").filter(pl.col("code_scheme") == "1")["org_code"]
    assert codes.is_unique().all()
    for code in codes:
        assert gb32100_check(code[:17]) == code[17]
        assert gb11714_check(code[8:16]) == code[16]
        assert code[8:10] == "XN"


def test_check_characters_agree_with_published_examples() -> None:
    # GB 11714-1997 appendix: D2143569 has check X; a well-known credit code of a ministry unit
    assert gb11714_check("D2143569") == "X"
    assert gb32100_check("91350100M000100Y4") == "3"


def test_neighbours_share_their_border_point_by_point() -> None:
    edges: Counter[frozenset[tuple[float, ...]]] = Counter()
    for ring in seed("seed_district_boundary")["ring"]:
        line = [tuple(p) for p in json.loads(ring)]
        assert line[0] == line[-1]
        edges.update(frozenset(pair) for pair in pairwise(line))
    shared = sum(1 for n in edges.values() if n == 2)
    assert max(edges.values()) == 2
    # five of six districts touch others on almost half of their edge
    assert shared > 0.4 * len(edges)


def test_the_calendar_knows_the_festivals() -> None:
    days = {r["cal_date"]: r for r in seed("seed_workday_calendar").iter_rows(named=True)}
    assert len(days) == 366 + 365 + 365
    assert days["2026-10-01"]["holiday_name"] == "国庆节"
    assert days["2026-10-10"]["is_workday"] == "true"  # a Saturday worked in exchange
    assert days["2026-02-17"]["is_workday"] == "false"  # Spring Festival


def test_codes_keep_their_leading_zeros() -> None:
    topics = seed("seed_code").filter(pl.col("code_table") == "HOTLINE_TOPIC")["code"]
    assert "010000" in topics.to_list()
