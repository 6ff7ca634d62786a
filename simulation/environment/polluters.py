"""P21 and P22: enterprises with discharge permits, and what their outlets measure every day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, days_from, end_s, moment
from simulation.companies import credit_codes
from simulation.histories import after, births, changed, choice, either, history, region_of
from simulation.world import DAY_S, World, day_number

FIRMS, FIRST_NUMBER, KEY_SHARE = 3600, 950_000, 0.0625
PERMITS_PER_DAY, YEARS, CHANGED_SHARE, ENDED_SHARE = 4.4, 5, 0.25, 0.03
CLASSES = {"1": 0.08, "2": 0.32, "3": 0.60}
INDUSTRIES = {"1713": 0.30, "1752": 0.20, "2611": 0.12, "3360": 0.14, "4620": 0.06, "1469": 0.18}
HAS_TOWN = 0.985
# Four outlets of four pollutants each: code, limit.
OUTLETS = 4
WATER = (("w01018", 80.0), ("w21003", 10.0), ("w21011", 0.5), ("w21001", 25.0))
AIR = (("a21026", 50.0), ("a21002", 100.0), ("a34013", 20.0), ("a24088", 60.0))
SINCE = date(2026, 8, 1)
FLAGS = {"N": 0.945, "F": 0.02, "M": 0.012, "S": 0.008, "D": 0.008, "B": 0.007}
SILENT = ("F", "B")
EXCEEDING, BAD_FIRMS, BAD_EXCEEDING = 0.004, 3, 0.12
PUBLISHED_FROM_S, PUBLISHED_FOR_S = 1800, 3 * 3600


@dataclass(frozen=True)
class Polluters:
    """The enterprises: the first ones are key polluters with automatic monitoring."""

    world: World

    @cached_property
    def firms(self) -> pl.DataFrame:
        """Each firm's place and code; `key` ones are monitored."""
        world, rng = self.world, self.world.chance(32_100)
        n = max(20, round(FIRMS * world.scale))
        key = np.arange(n) < max(4, round(n * KEY_SHARE))
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        region = region_of(world, town)
        return pl.DataFrame(
            {
                "firm": np.arange(n),
                "key": key,
                "town": town,
                "region_code": region,
                "town_code": world.towns["town_code"].gather(pl.Series(town)),
                "has_town": rng.random(n) < HAS_TOWN,
                "uscc": credit_codes(region, FIRST_NUMBER + np.arange(n)),
                "class": choice(rng, n, CLASSES),
                "industry_code": choice(rng, n, INDUSTRIES),
            }
        ).with_columns(
            town_code=pl.when("has_town").then("town_code"),
            mgmt_class=pl.when("key").then(pl.lit("1")).otherwise("class"),
        )

    @cached_property
    def permits(self) -> pl.DataFrame:
        """P21 in declared form: versions of permits, those of key polluters from before."""
        world, rng = self.world, self.world.chance(32_101)
        key = self.firms.filter("key")
        rest = self.firms.filter(~pl.col("key"))
        given = births(world, rng, PERMITS_PER_DAY / (1 + CHANGED_SHARE + ENDED_SHARE))
        chosen = rest.head(len(given)).with_columns(given=pl.Series(given[: rest.height]))
        before = int(world.days[0]) * DAY_S - rng.integers(30, 900, key.height) * DAY_S + 36_000
        first = pl.concat([key.with_columns(given=pl.Series(before)), chosen]).with_columns(
            version=pl.lit(1), status=pl.lit("01")
        )
        n = first.height
        draw, later = rng.random(n), after(rng, first["given"].to_numpy(), 30, 300)
        second = first.with_columns(
            given=pl.Series(either(draw < CHANGED_SHARE + ENDED_SHARE, later)),
            begun=pl.col("given"),
            version=pl.lit(2),
            status=pl.Series(
                np.where(draw < ENDED_SHARE, "04", np.where(draw < 0.2, "02", "03")).tolist()
            ),
        )
        both = pl.concat([first.with_columns(begun=pl.col("given")), second]).with_columns(
            permit_no=pl.col("uscc") + "001P",
        )
        both = both.filter(pl.col("given") < int(OPEN)).with_columns(
            # a renewal begins anew, everything else keeps the period
            begun=pl.when(pl.col("status") == "03").then("given").otherwise("begun"),
            id=pl.format("{}|{}", "permit_no", "version"),
        )
        found = history(world, "id", [changed(both, "given")])
        since = moment("begun").dt.date()
        return found.select(
            "permit_no",
            "uscc",
            "mgmt_class",
            "industry_code",
            "region_code",
            "town_code",
            version_no="version",
            valid_from=since,
            valid_to=since.dt.offset_by(f"{YEARS}y").dt.offset_by("-1d"),
            permit_status="status",
            updated=moment("at"),
        )

    @cached_property
    def daily(self) -> pl.DataFrame:
        """P22 in declared form: every outlet, pollutant and day since the log began."""
        world, rng = self.world, self.world.chance(32_200)
        lines = self._lines(rng)
        days = days_from(world, day_number(SINCE))
        # what is measured on the last day is published on the next, after the world's end
        days = days[(days + 1) * DAY_S + PUBLISHED_FROM_S < end_s(world)]
        m, n = lines.height, lines.height * len(days)
        line = np.tile(np.arange(m), len(days))
        at_day = np.repeat(days, m)
        flag = choice(rng, n, FLAGS)
        silent = flag.is_in(SILENT).to_numpy()
        limit, level = lines["limit"].to_numpy()[line], lines["level"].to_numpy()[line]
        exceeds = ~silent & (rng.random(n) < lines["chance"].to_numpy()[line])
        usual = np.minimum(level * np.exp(rng.normal(0, 0.25, n)), 0.97)
        ratio = np.where(exceeds, 1.03 + rng.exponential(0.3, n), usual)
        value = np.round(np.maximum(limit * ratio, 0.001), 4)
        hours = np.where(exceeds, rng.integers(4, 25, n), rng.binomial(2, 0.01, n))
        valid = np.where(silent, rng.uniform(0, 40, n), np.minimum(100, rng.normal(97, 3, n)))
        flags = pl.DataFrame({"f": flag, "x": exceeds, "s": silent, "v": value}).select(
            data_flag=pl.when("x").then(pl.lit("T")).otherwise("f"),
            avg_value=pl.when(~pl.col("s")).then("v"),
        )
        sent = (at_day + 1) * DAY_S + PUBLISHED_FROM_S + rng.integers(0, PUBLISHED_FOR_S, n)
        places = ("outlet_code", "pollutant_code", "uscc", "region_code", "town_code")
        measured = pl.concat(
            [
                lines.select(places)[line.tolist()],
                flags,
                pl.DataFrame(
                    {
                        "stat_date": pl.Series(at_day).cast(pl.Int32).cast(pl.Date),
                        "limit_value": limit,
                        "exceed_times": hours,
                        "valid_rate": np.round(np.clip(valid, 0, 100), 1),
                        "at": sent,
                    }
                ),
            ],
            how="horizontal",
        )
        daily: pl.DataFrame = measured.select(pl.exclude("at"), updated=moment("at"))
        return daily

    def _lines(self, rng: np.random.Generator) -> pl.DataFrame:
        """One row per outlet and pollutant, with its limit, usual level and chance to exceed."""
        key = self.firms.filter("key")
        n = key.height * OUTLETS
        outlet = key[np.repeat(np.arange(key.height), OUTLETS).tolist()].with_columns(
            nth=pl.int_range(pl.len()).over("firm"),
        )
        kinds = np.where(outlet["nth"].to_numpy() < OUTLETS // 2, 0, 1)
        four = np.tile(np.arange(4), n)
        table = WATER + AIR
        at = np.repeat(kinds, 4) * 4 + four
        bad = np.repeat(outlet["firm"].to_numpy() < BAD_FIRMS, 4)
        lines: pl.DataFrame = outlet[np.repeat(np.arange(n), 4).tolist()].with_columns(
            pollutant_code=pl.Series([c for c, _ in table]).gather(pl.Series(at)),
            limit=pl.Series(np.array([x for _, x in table])[at]),
            level=pl.Series(rng.beta(4, 5, 4 * n)),
            chance=pl.Series(np.where(bad, BAD_EXCEEDING, EXCEEDING)),
            outlet_code=pl.format(
                "D{}{}",
                pl.col("firm").cast(pl.String).str.zfill(6),
                pl.col("nth").cast(pl.String).str.zfill(2),
            ),
        )
        return lines
