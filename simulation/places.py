"""Points on the map near towns; a town without one of its own lies where its district does."""

from __future__ import annotations

import numpy as np
import polars as pl

from simulation.world import Floats, Ints, World, seed

SPREAD_DEG = 0.012


def points(world: World, rng: np.random.Generator, town: Ints) -> tuple[Floats, Floats]:
    """Longitude and latitude (CGCS2000, five decimals) of things in the given towns."""
    rows = seed("seed_division").select(
        "town_code",
        "region_code",
        "unit_level",
        *(pl.col(c).cast(pl.Float64, strict=False) for c in ("lon", "lat")),
    )
    districts = rows.filter(pl.col("unit_level") == "2").select("region_code", "lon", "lat")
    towns = world.towns.select("town_code", "region_code").join(
        rows.filter(pl.col("unit_level") == "3").select("town_code", "lon", "lat"),
        on="town_code",
        maintain_order="left",
        how="left",
    )
    towns = towns.join(districts, on="region_code", how="left", suffix="_d", maintain_order="left")

    def near(axis: str) -> Floats:
        centre = towns.select(pl.coalesce(axis, f"{axis}_d")).to_series().to_numpy()
        return np.asarray(np.round(centre[town] + rng.normal(0, SPREAD_DEG, len(town)), 5))

    return near("lon"), near("lat")
