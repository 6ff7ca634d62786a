"""P48: the quarterly survey by telephone: a thousand anonymous people in each district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from ingestion.contract import load
from simulation.channels.breaches import refused
from simulation.channels.calendar import spans
from simulation.channels.declared import Extra
from simulation.histories import shares
from simulation.world import DAY_S, DISTRICTS, World, day_number

PER_DISTRICT = 1_000
QUESTIONS = ("Q01", "Q02", "Q03", "Q04", "Q05", "Q06")
# Shares of the answers 0 (refused) to 5, by question.
ANSWERS = np.array(
    [
        [0.020, 0.003, 0.006, 0.021, 0.270, 0.680],
        [0.022, 0.005, 0.013, 0.050, 0.310, 0.600],
        [0.030, 0.005, 0.012, 0.063, 0.330, 0.560],
        [0.025, 0.008, 0.017, 0.070, 0.350, 0.530],
        [0.015, 0.030, 0.060, 0.130, 0.385, 0.380],
        [0.020, 0.040, 0.090, 0.200, 0.350, 0.300],
    ]
)
WORSE_DISTRICT, WORSE = 3, 0.045  # truly less safe: so many more say "ordinary" or less
AGES = ("01", "02", "03", "04", "05", "06")
AGE_SHARE = np.array([0.10, 0.19, 0.18, 0.19, 0.17, 0.17])
EDUCATION = ("10", "20", "30", "40", "60", "70", "80")
EXTRA = Extra(
    cells=[
        refused("weight", "weight_positive", "0"),
        refused("region_code", "answer_of_district", "330600"),
    ]
)


@dataclass(frozen=True)
class Survey:
    """All answers of the quarters that are delivered."""

    world: World

    @cached_property
    def answers(self) -> pl.DataFrame:
        """(wave, respondent, district, question, answer, weight, age, gender, edu, ends)."""
        world = self.world
        people = np.bincount(world.district_of_town, weights=world.population, minlength=6)
        each = max(20, round(PER_DISTRICT * world.scale))
        parts = []
        for span in spans(load("P48"), world):
            # a wave has its own stream: it is the same whenever the world begins
            rng = world.chance(83480 + span.start.year * 4 + span.start.month // 3)
            n = each * len(DISTRICTS)
            district = np.repeat(np.arange(len(DISTRICTS)), each)
            age = rng.choice(len(AGES), n, p=AGE_SHARE)
            # the old answer the telephone more often, the young less: the weights undo it
            answers = np.array([1.35, 1.2, 1.05, 0.95, 0.85, 0.8])[age]
            weight = np.round(people[district] / people.sum() * len(DISTRICTS) * answers, 4)
            columns = []
            for question in range(len(QUESTIONS)):
                share = np.tile(ANSWERS[question], (len(DISTRICTS), 1))
                share[WORSE_DISTRICT] += WORSE * np.array([0, 0.15, 0.25, 0.6, -0.5, -0.5])
                at = (rng.random(n)[:, None] > np.cumsum(share, axis=1)[district]).sum(axis=1)
                columns.append(np.minimum(at, 5))
            parts.append(
                pl.DataFrame(
                    {
                        "respondent": np.repeat(np.arange(n), len(QUESTIONS)),
                        "district": np.repeat(district, len(QUESTIONS)),
                        "question": np.tile(np.arange(len(QUESTIONS)), n),
                        "answer": np.stack(columns, axis=1).ravel(),
                        "weight": np.repeat(weight, len(QUESTIONS)),
                        "age": np.repeat(np.where(rng.random(n) < 0.02, -1, age), len(QUESTIONS)),
                        "gender": np.repeat(rng.choice(3, n, p=[0.01, 0.48, 0.51]), len(QUESTIONS)),
                        "edu": np.repeat(rng.integers(-1, len(EDUCATION), n), len(QUESTIONS)),
                    }
                ).with_columns(wave=pl.lit(span.label), ends=pl.lit(_closed(span.end), pl.Int64))
            )
        return pl.concat(parts) if parts else pl.DataFrame()

    def rows(self) -> pl.DataFrame:
        """P48 in declared form; `updated` is the quarter's last evening."""
        table = self.answers
        regions = pl.Series(list(DISTRICTS)).gather(table["district"])
        return table.with_columns(
            band=pl.Series(list(AGES)).gather(table["age"].clip(0)),
            school=pl.Series(list(EDUCATION)).gather(table["edu"].clip(0)),
        ).select(
            response_id=pl.format("SQ{}-{}", "wave", pl.col("respondent") + 1),
            survey_wave="wave",
            question_code=pl.format("Q0{}", pl.col("question") + 1),
            answer_code="answer",
            weight="weight",
            age_band=pl.when(pl.col("age") >= 0).then("band"),
            gender=pl.when(pl.col("gender") > 0).then(pl.col("gender").cast(pl.String)),
            edu=pl.when(pl.col("edu") >= 0).then("school"),
            region_code=regions,
            updated=(pl.col("ends") * 1_000_000).cast(pl.Datetime("us")),
        )

    def rates(self) -> pl.DataFrame:
        """C09 by quarter: sums of weights, refusals on neither side."""
        good, asked = float(ANSWERS[0, 4:].sum()), 1 - float(ANSWERS[0, 0])
        bad = pl.col("district") == WORSE_DISTRICT
        rows = self.answers.filter((pl.col("question") == 0) & (pl.col("answer") > 0))
        rows = rows.with_columns(
            period_label=pl.col("wave").str.replace("Q", "-Q"),
            good=pl.col("answer") >= 4,
            rate=(good - pl.when(bad).then(WORSE).otherwise(0.0)) / asked,
            region_code=pl.Series(list(DISTRICTS)).gather(rows["district"]),
        )
        return shares("C09", rows, {"district": "region_code"}, "weight")


def _closed(day: date) -> int:
    """Six in the evening of a day, local seconds."""
    return day_number(day) * DAY_S + 18 * 3600
