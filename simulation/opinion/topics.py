"""P46: what is said in public about projects, counted by topic and day; nobody is named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation.changes import OPEN
from simulation.channels.breaches import in_json
from simulation.channels.declared import Extra
from simulation.histories import choice, numbered
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

ALIVE, LIVES_D = 80.0, (25, 61)
CONCERNS = {
    "01": 0.12,
    "02": 0.14,
    "03": 0.15,
    "04": 0.06,
    "05": 0.08,
    "06": 0.16,
    "07": 0.14,
    "08": 0.06,
    "09": 0.09,
}
EXTRA = Extra(
    json=[
        *in_json("post_n", "posts_not_negative", "-1"),
        *in_json("negative_rate", "share_in_range", "130.0"),
    ]
)


@dataclass(frozen=True)
class Topics:
    """Topics and the days on which they were watched."""

    world: World
    projects: Projects

    def rows(self) -> pl.DataFrame:
        """P46 in declared form; `updated` is the evening of the day counted."""
        world, rng = self.world, self.world.chance(8346)
        first, days = int(world.days[0]), len(world.days)
        mean = (LIVES_D[0] + LIVES_D[1] - 1) / 2
        n = max(1, round(ALIVE * world.scale * (days + mean) / mean))
        # some topics are older than the world
        begin = np.sort(first + rng.integers(-int(mean), days, n))
        length = rng.integers(*LIVES_D, n)
        there = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        entered = np.searchsorted(there["entered"].to_numpy() // DAY_S, np.maximum(begin, first))
        project = np.floor(rng.random(n) ** 0.5 * np.maximum(entered, 1)).astype(np.int64)
        loud = np.exp(rng.normal(0.4, 0.9, n))
        critical = rng.beta(1.6, 5.0, n)
        replied = np.where(rng.random(n) < 0.75, begin + rng.integers(1, 20, n), begin + 10_000)
        hours = np.round(rng.gamma(2.0, 14.0, n), 1)
        topic = np.repeat(np.arange(n), length)
        nth = np.arange(len(topic)) - np.repeat(np.cumsum(length) - length, length)
        day = begin[topic] + nth
        posts = rng.poisson(loud[topic] * np.exp(-nth / 18) * 6)
        bad = rng.binomial(posts, critical[topic])
        named = there.select("project_code", "name")[np.minimum(project, there.height - 1).tolist()]
        answered = day >= replied[topic]
        main = choice(rng, n, CONCERNS)
        return (
            pl.DataFrame(
                {
                    "topic": topic,
                    "day": day,
                    "post_n": posts,
                    "bad": bad,
                    "answered": answered,
                    "hours": hours[topic],
                }
            )
            .with_columns(
                *named[topic.tolist()],
                main=main.gather(pl.Series(topic)),
            )
            .filter(pl.col("day").is_between(first, int(world.days[-1])))
            .select(
                "project_code",
                "post_n",
                topic_id=numbered("ZT", "topic", 6),
                stat_date=pl.col("day").cast(pl.Int32).cast(pl.Date),
                topic_name=pl.format("{}公众意见", "name"),
                decision_id=pl.lit(None, pl.String),
                negative_rate=pl.when(pl.col("post_n") > 0).then(
                    (100 * pl.col("bad") / pl.col("post_n")).round(1)
                ),
                top_concern=pl.when(pl.col("post_n") > 0).then("main"),
                replied_flag="answered",
                reply_hours=pl.when("answered").then("hours"),
                updated=((pl.col("day") * DAY_S + 22 * 3600) * 1_000_000).cast(pl.Datetime("us")),
            )
        )
