"""F09: the lights of F08's cases and what became of them: review, approval, transfer, police.

Legal clock of 国务院令第310号: a decision within three days of the report (article 5), transfer
within 24 hours of it, the police decide within three days (article 8). A few transfers are slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, end_s, from_days, moment, shown
from simulation.justice.cases import Cases
from simulation.world import DAY_S, World

RULE_VERSION = "2026.1"
REVIEW = {"R": [0.72, 0.10, 0.13, 0.05], "Y": [0.08, 0.62, 0.20, 0.10]}
SLOW_TRANSFER, DECLINED = 0.10, 0.06
VERDICT = {"1": 0.78, "2": 0.16, "3": 0.06}


@dataclass(frozen=True)
class Warnings:
    """All warnings of the world, one element each."""

    world: World
    cases: Cases

    @cached_property
    def warnings(self) -> pl.DataFrame:
        """case, rule, light and every moment of the course (local seconds; OPEN where none)."""
        world, rng = self.world, self.world.chance(709)
        lit = self.cases.cases.filter(pl.col("light").is_in(["R", "Y1", "Y2", "Y3"]))
        n = lit.height
        kind = lit["light"].to_numpy()
        red, due = kind == "R", kind == "Y2"
        filed, deadline = lit["filed"].to_numpy(), lit["deadline"].to_numpy()
        warned = np.where(due, (deadline + 1) * DAY_S + 6 * 3600, (filed + 1) * DAY_S + 7 * 3600)
        warned = np.minimum(warned + rng.integers(0, 3000, n), end_s(world) - 3600)
        transferable = ~np.isin(kind, ["Y2", "Y3"])
        draw = rng.random(n)
        share = np.where(
            red[:, None], np.cumsum(REVIEW["R"])[None, :], np.cumsum(REVIEW["Y"])[None, :]
        )
        result = np.minimum((draw[:, None] > share).sum(1), 3) + 1
        result = np.where((result == 1) & ~transferable, 2, result)
        reviewed = warned + rng.integers(DAY_S // 2, 5 * DAY_S, n)
        go = result == 1
        report = np.where(go, reviewed // DAY_S * DAY_S + DAY_S, OPEN)
        approve = np.where(go, report + 9 * 3600 + rng.integers(0, 2 * DAY_S, n), OPEN)
        refused = go & (rng.random(n) < DECLINED)
        pace = np.where(
            rng.random(n) < SLOW_TRANSFER, rng.uniform(27, 90, n), rng.uniform(2, 22, n)
        )
        sent = np.where(go & ~refused, approve + (pace * 3600).astype(np.int64), OPEN)
        taken = np.where(sent < OPEN, sent + rng.integers(3600, DAY_S, n), OPEN)
        police = np.where(taken < OPEN, taken + rng.integers(DAY_S // 2, 3 * DAY_S, n), OPEN)
        verdict = rng.choice(list(VERDICT), n, p=list(VERDICT.values()))
        contested = (verdict == "2") & (rng.random(n) < 0.5) & (police < OPEN)
        return lit.select("number", "case_id", "light", "domain", "decided").with_columns(
            warned=pl.Series(warned),
            reviewed=pl.Series(reviewed),
            result=pl.Series(result).cast(pl.String),
            report=pl.Series(report),
            approve=pl.Series(approve),
            refused=pl.Series(refused),
            sent=pl.Series(sent),
            taken=pl.Series(taken),
            police=pl.Series(police),
            verdict=pl.Series(verdict.tolist()),
            objected=pl.Series(np.where(contested, police + 2 * DAY_S, OPEN)),
            answered=pl.Series(np.where(contested, police + 4 * DAY_S, OPEN)),
        )

    @cached_property
    def transferred(self) -> pl.DataFrame:
        """(number, sent): when a case went to the police."""
        gone = pl.col("sent") < end_s(self.world)
        return self.warnings.filter(gone).select("number", "sent")

    def _rule(self) -> pl.Expr:
        """Decided and not handed over is the graver rule: a fine instead of a transfer."""
        fined = (pl.col("sent") == int(OPEN)) & (from_days("decided") < end_s(self.world))
        return (
            pl.when(pl.col("light") == "R")
            .then(pl.when(fined).then(pl.lit("XL-R02")).otherwise(pl.lit("XL-R01")))
            .otherwise(pl.format("XL-Y0{}", pl.col("light").str.slice(1)))
        )

    @cached_property
    def ruled(self) -> pl.DataFrame:
        """(number, rule): the rule that lit each case's light."""
        return self.warnings.select("number", rule=self._rule())

    @cached_property
    def changes(self) -> pl.DataFrame:
        """F09 in declared form, what each read shows; `updated` is `update_time`."""
        world, rows = self.world, self.warnings.with_columns(rule=self._rule())
        # an unpaid wage lights yellow before the order to pay is proven to have been ignored
        first = rows.filter((pl.col("light") == "R") & (pl.col("domain") == "03")).with_columns(
            light=pl.lit("Y1"), rule=pl.lit("XL-Y01"), warned=pl.col("warned") - 1800
        )
        rows = pl.concat([rows, first]).sort("warned", "number").with_row_index("warning")
        steps = ("warned", "reviewed", "approve", "sent", "taken", "police", "objected", "answered")
        start = int(world.days[0]) * DAY_S + 2400
        every = pl.concat(
            [
                rows.with_columns(at=pl.col(s), seen=pl.max_horizontal(s, pl.lit(start)))
                for s in steps
            ]
        ).filter(pl.col("at") < end_s(world))

        def known(name: str) -> pl.Expr:
            return pl.col(name) <= pl.col("at")

        declared = every.sort("at", "warning", maintain_order=True).select(
            warning_id="YJ" + pl.col("warning").cast(pl.String).str.zfill(7),
            case_id="case_id",
            rule_id="rule",
            rule_version=pl.lit(RULE_VERSION),
            light=pl.col("light").str.head(1),
            warn_time=moment("warned"),
            review_time=pl.when(known("reviewed")).then(moment("reviewed")),
            review_result=pl.when(known("reviewed")).then("result"),
            report_date=pl.when(known("approve")).then(day("report")),
            approve_date=pl.when(known("approve")).then(day("approve")),
            transfer_time=pl.when(known("sent")).then(moment("sent")),
            police_accept_time=pl.when(known("taken")).then(moment("taken")),
            police_decide_date=pl.when(known("police")).then(day("police")),
            police_result=pl.when(known("police")).then("verdict"),
            supervise_flag=pl.lit(value=False),
            approve_time=pl.when(known("approve")).then(moment("approve")),
            approve_result=pl.when(known("approve")).then(
                pl.when("refused").then(pl.lit("2")).otherwise(pl.lit("1"))
            ),
            object_date=pl.when(known("objected")).then(day("objected")),
            review_answer_date=pl.when(known("answered")).then(day("answered")),
            review_answer_result=pl.when(known("answered")).then(pl.lit("1")),
            supervise_ask_date=pl.lit(None, pl.Date),
            update_time=moment("seen"),
            updated=moment("seen"),
        )
        return shown(declared, "warning_id", world)
