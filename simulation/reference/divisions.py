"""Divisions and villages: the R01 seed with a documented synthetic population per town."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
CITY_CODE, CITY_NAME = "330600", "绍兴市"
VALID_FROM = "2023-01-01"  # the NBS code set of 2023
TOWN_TYPE = {"街道": "1", "镇": "2", "乡": "3"}
ARRIVE_STD_MIN = {"1": 5, "2": 10, "3": 15}  # design (R01): police arrival standard, minutes
# Design: persons per residents' committee and per village committee; only their ratio matters.
PERSONS_PER_COMMITTEE = {"居委会": 4200.0, "村委会": 1700.0}


def villages(source: Path) -> pl.DataFrame:
    """2,168 villages and communities; town_code in the 12-digit form."""
    raw = pl.read_csv(source / "shaoxing_villages.csv", infer_schema=False)
    return raw.select(
        village_code="code",
        name_zh="name",
        village_kind="kind",
        town_code=pl.col("town_code") + "000",
        region_code="area_code",
    ).sort("village_code")


def split_exactly(total: int, weights: Floats) -> Ints:
    """Split `total` persons by weight; largest remainders make the sum exact."""
    share = total * weights / weights.sum()
    whole: Ints = np.floor(share).astype(np.int64)
    rest = np.argsort(-(share - whole), kind="stable")[: total - int(whole.sum())]
    whole[rest] += 1
    return whole


def town_population(village: pl.DataFrame, district: pl.DataFrame) -> pl.DataFrame:
    """Persons per town: the district's figure split by committees (origin D, design)."""
    weight = (
        village.with_columns(
            w=pl.col("village_kind").replace_strict(PERSONS_PER_COMMITTEE, return_dtype=pl.Float64)
        )
        .group_by("region_code", "town_code")
        .agg(pl.col("w").sum())
        .sort("town_code")
    )
    total = dict(district.select("region_code", "pop").iter_rows())
    parts = [
        group.with_columns(
            pop_resident=pl.Series(split_exactly(total[str(key[0])], group["w"].to_numpy()))
        )
        for key, group in weight.group_by("region_code", maintain_order=True)
    ]
    return pl.concat(parts).select("town_code", "pop_resident")


def divisions(
    source: Path, domain: Path, label_point: dict[str, tuple[float, float]]
) -> pl.DataFrame:
    """City, districts and towns in the form of R01, with a point for the map (WGS84)."""
    village = villages(source)
    district = pl.read_csv(domain / "dim_region.csv", infer_schema=False).select(
        "region_code", "name_zh", pop=pl.col("pop_scaled_to_2020_census").cast(pl.Int64)
    )
    raw = pl.read_csv(source / "shaoxing_towns.csv", infer_schema=False)
    town = (
        raw.select(
            unit_code=pl.col("code") + "000",
            unit_level=pl.lit("3"),
            region_code="area_code",
            town_code=pl.col("code") + "000",
            parent_code=pl.col("area_code") + "000000",
            name_zh="name",
            town_type=pl.col("kind").replace_strict(TOWN_TYPE),
            # 12 digits of ORG_POLICE: district, 5 (synthetic mark), town, 00
            station_code=pl.col("area_code") + "5" + pl.col("code").str.slice(6, 3) + "00",
            lon=pl.col("lon_wgs84").cast(pl.Float64, strict=False).round(5),
            lat=pl.col("lat_wgs84").cast(pl.Float64, strict=False).round(5),
            coord_quality=pl.col("coord_quality")
            .fill_null("")
            .str.replace(r"\(.*", "")
            .replace("", "missing"),
        )
        .join(town_population(village, district), on="town_code")
        .with_columns(
            arrive_std_min=pl.col("town_type").replace_strict(ARRIVE_STD_MIN, return_dtype=pl.Int64)
        )
    )
    upper = pl.concat(
        [
            district.select("region_code", "name_zh", pop_resident="pop").with_columns(
                unit_level=pl.lit("2"), parent_code=pl.lit(CITY_CODE + "000000")
            ),
            pl.DataFrame(
                {
                    "region_code": [CITY_CODE],
                    "name_zh": [CITY_NAME],
                    "pop_resident": [district["pop"].sum()],
                    "unit_level": ["1"],
                    "parent_code": [None],
                }
            ),
        ],
        how="vertical_relaxed",
    ).with_columns(
        unit_code=pl.col("region_code") + "000000",
        lon=pl.col("region_code").replace_strict(
            {k: v[0] for k, v in label_point.items()}, default=None, return_dtype=pl.Float64
        ),
        lat=pl.col("region_code").replace_strict(
            {k: v[1] for k, v in label_point.items()}, default=None, return_dtype=pl.Float64
        ),
        coord_quality=pl.lit("inside_polygon"),
    )
    both = pl.concat([upper, town], how="diagonal_relaxed")
    return both.select(
        "unit_code",
        "unit_level",
        "region_code",
        "town_code",
        "parent_code",
        "name_zh",
        "town_type",
        "pop_resident",
        pop_year=pl.lit(2020),
        pop_origin=pl.lit("D"),
        station_code="station_code",
        arrive_std_min="arrive_std_min",
        merge_into_code=pl.lit(None, pl.String),
        valid_from=pl.lit(VALID_FROM),
        valid_to=pl.lit(None, pl.String),
        lon="lon",
        lat="lat",
        coord_quality="coord_quality",
    ).sort("unit_level", "unit_code")
