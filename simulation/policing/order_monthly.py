"""P43: cases of public order by town, month and kind, out of the valid calls that P40 counts.

A month is reported once, and revised in the two months after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from ingestion.contract import load
from simulation.channels.breaches import refused, warned
from simulation.channels.calendar import spans
from simulation.channels.declared import Extra
from simulation.police import Police
from simulation.world import DAY_S, Ints, World, day_number

BATCHES = 3
CRIMINAL, PUBLIC_ORDER, FRAUD = 0, 1, 6  # kinds of calls in P40
# Kind of case: share of the criminal, the public-order and the fraud calls that become one, the
# share that is filed, and the mean loss of a case (万元, 0: none is told).
CASES = {
    "01": (0.62, 0.12, 0.0, 0.90, 0.42),
    "02": (0.14, 0.10, 0.0, 0.86, 0.0),
    "03": (0.0, 0.0, 0.92, 0.97, 5.6),
    "04": (0.05, 0.01, 0.0, 0.98, 0.0),
    "05": (0.0, 0.42, 0.0, 0.82, 0.0),
    "06": (0.09, 0.0, 0.0, 0.78, 38.0),
    "99": (0.05, 0.16, 0.0, 0.80, 0.0),
}
SOLVED = 0.58
NO_MONTH = {
    "sent": pl.Int64,
    **dict.fromkeys(("stat_month", "town_code", "case_type"), pl.String),
    **dict.fromkeys(("accepted_n", "filed_n", "solved_n", "report_batch"), pl.Int64),
    "loss_amount": pl.Float64,
}
EXTRA = Extra(
    cells=[
        refused("solved_n", "counts_not_negative", "-1"),
        warned("filed_n", "filed_not_above_accepted", "99999"),
    ]
)


@dataclass(frozen=True)
class OrderMonthly:
    """Every town, month and kind, in up to three batches."""

    world: World

    def _calls(self) -> tuple[list[date], Ints]:
        """First days of the months delivered, and valid calls (month, town, kind of call)."""
        calls = Police(self.world).calls.with_columns(
            month=pl.col("day").cast(pl.Int32).cast(pl.Date).dt.month_start()
        )
        counted = calls.group_by("month", "town", "kind").agg(pl.col("valid_n").sum())
        counted = counted.sort("month", "town", "kind")
        months = [s.start for s in spans(load("P43"), self.world)]
        inside = counted.filter(pl.col("month").is_in(months))
        found = inside["month"].unique().sort().to_list()
        shape = (len(found), self.world.towns.height, 8)
        return found, inside["valid_n"].to_numpy().astype(np.int64).reshape(shape)

    def rows(self) -> pl.DataFrame:
        """P43 in declared form; `updated` is the evening of a month's last day."""
        rng = self.world.chance(8343)
        months, valid = self._calls()
        parts = []
        for code, (crime, order, fraud, files, loss) in CASES.items():
            accepted = (
                rng.binomial(valid[..., CRIMINAL], crime)
                + rng.binomial(valid[..., PUBLIC_ORDER], order)
                + rng.binomial(valid[..., FRAUD], fraud)
            )
            filed = rng.binomial(accepted, files)
            solved = rng.binomial(filed, SOLVED)
            each = loss * np.exp(rng.normal(-0.18, 0.6, accepted.shape))
            for batch in range(1, BATCHES + 1):
                if batch > 1:  # late files come in, some are taken out again
                    accepted = accepted + rng.binomial(accepted, 0.01)
                    filed = np.minimum(accepted, filed + rng.binomial(accepted, 0.015))
                    solved = solved + rng.binomial(np.maximum(filed - solved, 0), 0.05)
                for number, first in enumerate(months[: len(months) - batch + 1]):
                    parts.append(
                        pl.DataFrame(
                            {
                                "town_code": self.world.towns["town_code"],
                                "accepted_n": accepted[number],
                                "filed_n": filed[number],
                                "solved_n": solved[number],
                                "loss": np.round(accepted[number] * each[number], 4),
                            }
                        ).with_columns(
                            stat_month=pl.lit(f"{first:%Y%m}"),
                            case_type=pl.lit(code),
                            report_batch=pl.lit(batch, pl.Int64),
                            loss_amount=pl.when(pl.lit(loss > 0)).then("loss"),
                            sent=pl.lit(_evening(months[number + batch - 1]), pl.Int64),
                        )
                    )
        # none of its calls are known of a month that ended before a short world began
        every = (pl.concat(parts) if parts else pl.DataFrame(schema=NO_MONTH)).sort(
            "sent", "stat_month", "town_code", "case_type"
        )
        return every.select(
            "stat_month",
            "town_code",
            "case_type",
            "accepted_n",
            "filed_n",
            "solved_n",
            "loss_amount",
            "report_batch",
            updated=(pl.col("sent") * 1_000_000).cast(pl.Datetime("us")),
        )


def _evening(first: date) -> int:
    """Eight in the evening of a month's last day, local seconds."""
    following = (first + timedelta(days=32)).replace(day=1)
    return day_number(following) * DAY_S - 4 * 3600
