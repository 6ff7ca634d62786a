"""P15 and P18: where households go, and the social security of farmers whose land was taken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, moment
from simulation.histories import after, changed, either, history, known, known_day, numbered
from simulation.land.expropriations import Expropriations
from simulation.world import DAY_S, World

MORE_PHASES = 1.7
HANDED_LATE, NOT_YET = 0.08, 0.3
IN_TRANSITION, HALF_BEFORE_D = 0.8, 30
ENTITLED = 0.6


@dataclass(frozen=True)
class Resettlement:
    """Phases of resettlement housing and batches of insured farmers."""

    world: World
    expropriations: Expropriations

    @cached_property
    def housing(self) -> pl.DataFrame:
        """P15 in declared form: handed over in two parts."""
        rng = self.world.chance(31_500)
        lives = self.expropriations.expropriations.filter(pl.col("decided") < int(OPEN))
        size = 1 + rng.poisson(MORE_PHASES, lives.height)
        rows = lives[np.repeat(np.arange(lives.height), size).tolist()].with_columns(
            phases=pl.Series(np.repeat(size, size)),
            nth=pl.int_range(pl.len()).over("exprop_id"),
        )
        n = rows.height
        decided = rows["decided"].to_numpy()
        planned = after(rng, decided, 10, 40)
        promised = after(rng, decided, 120, 540)
        late = rng.random(n) < HANDED_LATE
        overdue = either(rng.random(n) >= NOT_YET, after(rng, promised, 10, 200))
        in_time = promised - rng.integers(0, 30, n) * DAY_S
        delivered = np.where(late, overdue, in_time).astype(np.int64)
        units = np.maximum(1, rows["households"].to_numpy() // rows["phases"].to_numpy())
        rows = rows.with_columns(
            planned=pl.Series(planned),
            promised=pl.Series(promised),
            delivered=pl.Series(delivered),
            half=pl.Series(either(delivered < OPEN, delivered - HALF_BEFORE_D * DAY_S)),
            units=pl.Series(units),
            resettle_id=pl.format("AZ{}-{}", pl.col("exprop_id").str.slice(2), pl.col("nth") + 1),
        )
        found = history(
            self.world,
            "resettle_id",
            [changed(rows, s) for s in ("planned", "half", "delivered")],
        )
        some = pl.when(known("half")).then(pl.col("units") // 2).otherwise(pl.lit(0))
        handed = pl.when(known("delivered")).then("units").otherwise(some)
        waiting = ((pl.col("units") - handed) * IN_TRANSITION).floor().cast(pl.Int64)
        months = ((pl.col("at") - pl.col("decided")) / DAY_S / 30).round(1)
        return found.select(
            "resettle_id",
            "exprop_id",
            "region_code",
            "town_code",
            day("promised_date", "promised"),
            known_day("delivered_date", "delivered"),
            unit_total="units",
            delivered_n=handed,
            transition_household_n=waiting,
            transition_months=pl.when(waiting > 0).then(months),
            source_update_time=moment("at"),
            updated=moment("at"),
        )

    @cached_property
    def security(self) -> pl.DataFrame:
        """P18 in declared form: collective land only, insured in three steps."""
        rng = self.world.chance(31_800)
        lives = self.expropriations.expropriations
        rows = lives.filter(pl.col("collective") & (pl.col("decided") < int(OPEN)))
        n = rows.height
        listed = after(rng, rows["decided"].to_numpy(), 15, 25)
        part = after(rng, listed, 30, 60)
        due = np.maximum(1, (rows["population"].to_numpy() * ENTITLED).astype(np.int64))
        rows = rows.with_columns(
            listed=pl.Series(listed),
            part=pl.Series(part),
            done=pl.Series(after(rng, part, 20, 120)),
            persons=pl.Series(due),
            some=pl.Series((due * rng.uniform(0.4, 0.8, n)).astype(np.int64)),
            each=pl.Series(np.round(rng.uniform(38_000, 62_000, n), -2)),
            batch_id=numbered("SB", "number", 7),
        )
        found = history(
            self.world, "batch_id", [changed(rows, s) for s in ("listed", "part", "done")]
        )
        some = pl.when(known("part")).then("some").otherwise(pl.lit(0))
        insured = pl.when(known("done")).then("persons").otherwise(some)
        return found.select(
            "batch_id",
            "exprop_id",
            "region_code",
            "town_code",
            known_day("finish_date", "done"),
            due_persons="persons",
            insured_persons=insured,
            fund_due=(pl.col("persons") * pl.col("each")).round(2),
            fund_paid=(insured * pl.col("each")).round(2),
            source_update_time=moment("at"),
            updated=moment("at"),
        )
