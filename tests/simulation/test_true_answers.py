"""The true answers: none is missing, and a clean city is counted as it truly is."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pytest

from simulation import answers, truth
from simulation.feeds import true_answers
from simulation.ledger import Ledger
from simulation.police import Police
from simulation.shared import Shared
from simulation.world import seed
from tests.conftest import settle
from tests.simulation import clean_city
from tests.simulation.clean_city import AS_OF, COUNTED, END, START

KEYS = ["indicator_code", "unit_level", "unit_code", "period_label"]
# Nobody lives nowhere: what is counted over residents has no true answer without a place.
OVER_RESIDENTS = ["Z01", "D14", "D15"]
ZONED = ["H01", "H03", "H07", "Y06"]
# Read as the register stands on the day; the world's last day is the eve of it, as it is of
# what is counted to date.
READ_TODAY = "C05"


@dataclass(frozen=True)
class Counted:
    """One clean city: its lives, what is true of it, and what the product counts."""

    shared: Shared
    true: pl.DataFrame
    product: pl.DataFrame


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    folder = tmp_path_factory.mktemp("clean")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder, AS_OF.isoformat())
        shared, product = clean_city.raise_clean_city(folder / "agencies")
    return Counted(shared, true_answers(shared.world, shared), product)


def registry() -> pl.DataFrame:
    """Code, unit and unit levels of every indicator."""
    rows = seed("seed_indicator_registry")
    return rows.select("indicator_code", "unit", pl.col("unit_levels").str.split(";"))


def published(product: pl.DataFrame) -> pl.DataFrame:
    """The product's counts of what has a true answer, statistics in the numerator."""
    window, stock = pl.col("window_kind"), pl.col("window_kind") == "stock"
    to_date = window == "to_date"
    today = (pl.col("indicator_code") == READ_TODAY) | to_date
    eve = pl.when(to_date).then(pl.lit(f"截至{END}")).otherwise(pl.lit(END.isoformat()))
    statistic = pl.col("indicator_code").is_in(answers.STATISTICS)
    unplaced = pl.col("unit_code") == "unassigned"
    return product.with_columns(
        period_label=pl.when(today).then(eve).otherwise("period_label"),
        numerator=pl.when(statistic).then("stat_value").otherwise("numerator"),
    ).filter(
        # the month, where there is one; the year to date is Y02's only window
        (window != "day")
        & ((window != "ytd") | (pl.col("indicator_code") == "Y02"))
        & (today | (pl.col("period_start") <= END))
        & (today | ~stock | pl.col("period_start").is_between(START, END))
        & ~(unplaced & pl.col("indicator_code").is_in(OVER_RESIDENTS))
        # transfers that wait stand beside E08 where none was finished
        & pl.col("numerator").is_not_null()
    )


@pytest.mark.parametrize("code", COUNTED)
def test_a_clean_city_is_counted_as_it_truly_is(counted: Counted, code: str) -> None:
    mine = counted.true.filter(pl.col("indicator_code") == code)
    theirs = published(counted.product).filter(pl.col("indicator_code") == code)
    assert mine.height > 0
    assert mine.select(KEYS).is_duplicated().sum() == 0
    both = mine.join(theirs, on=KEYS, how="full", suffix="_p", coalesce=True)
    apart = [
        ((pl.col(n) - pl.col(f"{n}_p")).abs() > 1e-6 * (1 + pl.col(n).abs())).fill_null(value=False)
        | (pl.col(n).is_null() != pl.col(f"{n}_p").is_null())
        for n in ("numerator", "denominator")
    ]
    columns = [*KEYS, "numerator", "numerator_p", "denominator", "denominator_p"]
    assert both.filter(pl.any_horizontal(apart)).select(columns).rows() == []


def test_every_indicator_is_true_or_has_a_reason(counted: Counted) -> None:
    world, shared = counted.shared.world, counted.shared
    first = truth.true_rates(
        world,
        shared.hotline,
        shared.disputes,
        Police(world),
        Ledger(world),
        shared.mediations.withdrawn,
    )
    known = {*first["indicator_code"], *counted.true["indicator_code"]}
    assert known.isdisjoint(answers.UNTRUE)
    assert known | set(answers.UNTRUE) == set(registry()["indicator_code"])
    assert all(answers.UNTRUE.values())


@pytest.mark.parametrize("code", [*COUNTED, *ZONED])
def test_true_answers_stand_at_the_levels_of_the_registry(counted: Counted, code: str) -> None:
    levels = registry().filter(pl.col("indicator_code") == code)["unit_levels"][0]
    mine = counted.true.filter(pl.col("indicator_code") == code)
    assert set(mine["unit_level"]) == set(levels)


def test_the_value_is_in_the_unit_of_the_indicator(counted: Counted) -> None:
    rows = counted.true.filter(
        (pl.col("unit_level") == "city") & pl.col("indicator_code").is_in([*COUNTED, *ZONED])
    )
    units = rows.join(registry().select("indicator_code", "unit"), on="indicator_code")
    statistic = pl.col("indicator_code").is_in(answers.STATISTICS)
    ratio = pl.col("numerator") / pl.col("denominator")
    share = units.filter((pl.col("unit") == "%") & ~statistic)
    assert share.filter((pl.col("value") - 100 * ratio).abs() > 1e-9).is_empty()
    plain = units.filter(statistic | pl.col("denominator").is_null())
    assert plain.filter(pl.col("value") != pl.col("numerator")).is_empty()
    assert {"E02#median", "E08", "K03", "Y01"} <= set(plain["indicator_code"])
    rate = units.filter(pl.col("indicator_code").is_in(["Z01", "H01", "D14"]))
    assert rate.filter((pl.col("value") - ratio).abs() > 1e-9).is_empty()
    assert rate.height > 0


def test_what_was_drawn_is_what_came(counted: Counted) -> None:
    city = counted.true.filter(
        pl.col("unit_level").is_in(["city", "rule"]) & pl.col("true_rate").is_not_null()
    )
    drawn = {*COUNTED, *ZONED, "H04", "Y05"} - {"Z01"}
    shares = city.filter(pl.col("indicator_code").is_in(list(drawn)))
    n, p = pl.col("denominator"), pl.col("true_rate") / 100
    pooled = shares.group_by("indicator_code").agg(
        n=n.sum(),
        gap=(pl.col("numerator") - n * p).sum(),
        spread=(n * p * (1 - p)).sum().sqrt(),
    )
    far = pooled.filter(pl.col("gap").abs() > 4 * pl.col("spread") + 1)
    assert far.rows() == []
    assert set(pooled["indicator_code"]) >= {"D11", "H03", "H04", "H07", "L05", "L06", "P07", "Y05"}
    # cases per 10,000 residents, month by month: a Poisson number of them
    fraud = city.filter(pl.col("indicator_code") == "Z01")
    mean = pl.col("true_rate") * pl.col("denominator")
    gap = fraud.select((pl.col("numerator") - mean).sum() / mean.sum().sqrt()).item()
    assert abs(gap) < 4


def test_some_transfer_stands_behind_two_lights(counted: Counted) -> None:
    """Else L06 to L08 could be counted by lights instead of cases, and nobody would see."""
    reported = counted.shared.warnings.changes.drop_nulls("police_result")
    assert reported.height > reported["case_id"].n_unique()
