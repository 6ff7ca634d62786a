"""The true answers that stand beside the lives they come from, and what has no true answer.

`UNTRUE` are the indicators of the registry of which the world knows nothing, with the reason:
what the platform measures of itself, and the two scores, which are made of other indicators by a
formula whose result no simulated life decides.
"""

from __future__ import annotations

import polars as pl

from simulation import dispute_truth, register
from simulation.care import truth as care
from simulation.care.youth_monthly import YouthMonthly
from simulation.justice import truth as justice
from simulation.justice.cooperation import Cooperation
from simulation.justice.enforcement import Enforcement
from simulation.justice.filings import Filings
from simulation.ledger import Ledger
from simulation.policing import truth as policing
from simulation.policing.fraud_cases import FraudCases
from simulation.shared import Shared
from simulation.world import World, seed

UNTRUE = {
    "Q01": "counts the platform's own receipts: when a delivery was landed, not what it says",
    "Q02": "counts the platform's own receipts: which categories have landed rows",
    "Q03": "counts the platform's own tests: a clean world runs none",
    "S01": "a score of the index, made of other indicators by shrinkage and an expert's weights",
    "S02": "a score of the index, made of other indicators by shrinkage and an expert's weights",
}
# Their numerator is the statistic itself, their denominator the number of rows behind it.
STATISTICS = ("D12", "E02#median", "E04", "E08")


def rates(world: World, shared: Shared) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`."""
    enforcement = Enforcement(world)
    return pl.concat(
        [
            dispute_truth.rates(world, shared.disputes),
            register.rates(world, Ledger(world)),
            care.rates(world, shared.patients, shared.youth, YouthMonthly(world)),
            policing.rates(world, shared.calls, shared.feedback, FraudCases(world)),
            justice.rates(
                world,
                shared.cases,
                shared.warnings,
                enforcement,
                Cooperation(world, enforcement),
                Filings(world),
            ),
        ]
    )


def value() -> pl.Expr:
    """What numerator and denominator come to in the indicator's own unit, as the registry has it.

    A plain count has no denominator and is its numerator; a statistic stands there already.
    """
    shares = seed("seed_indicator_registry").filter(pl.col("unit") == "%")["indicator_code"]
    each = pl.when(pl.col("indicator_code").is_in(shares.implode())).then(100.0).otherwise(1.0)
    plain = pl.col("indicator_code").is_in(STATISTICS) | pl.col("denominator").is_null()
    return (
        pl.when(plain)
        .then("numerator")
        .otherwise(each * pl.col("numerator") / pl.col("denominator"))
        .alias("value")
    )
