"""F12: visits to registered patients, already under pseudonyms of the health domain.

The first delivery holds the last four visits of everybody, so that a year of visits is known
from the first day on. Limits: 90 days, 14 for the unstable (基本公卫规范).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import pseudonyms, second_of_day, shown
from simulation.units import VISIT_LATE
from simulation.world import DAY_S, DISTRICTS, Ints, World

PATIENTS, STOCK_VISITS = 26_000, 4
LIMIT_D = np.array([90, 90, 14])  # stable, basically stable, unstable
CLASS_SHARE = [0.86, 0.12, 0.02]
REGISTER_SHARE = [0.953, 0.027, 0.020]  # managed, refuses, lost
BAD_DISTRICT, BAD_REFUSES = 3, 0.12  # truly bad: one more in eight refuses to be managed
TREATED, PAID = 0.93, 0.93  # drawn at each visit
LEAVES = 0.015  # share that dies or moves away within the world
HEADERS = {
    "patient_token": "患者标识",
    "visit_date": "随访日期",
    "district_code": "县(市、区)",
    "age_band": "年龄段",
    "reg_status": "在册状态",
    "stability": "病情分类",
    "risk_level": "危险性评估",
    "medication": "服药依从",
    "is_schizophrenia": "是否精神分裂症",
    "treated": "是否接受治疗",
    "visit_way": "随访方式",
    "next_due": "下次随访应到日",
    "guardian_subsidy": "监护补助是否落实",
    "consent_managed": "是否知情同意纳入社区管理",
    "in_hospital": "是否住院",
    "has_guardian": "是否有监护人",
    "subsidy_eligible": "是否符合监护补助条件",
    "subsidy_due_date": "补助应发日",
    "register_date": "建档日",
    "assess_role": "评估人类别",
}


@dataclass(frozen=True)
class Patients:
    """All patients and their visits."""

    world: World

    @cached_property
    def patients(self) -> pl.DataFrame:
        """What does not change between visits; `first`, `last`: day numbers of care."""
        world, rng = self.world, self.world.chance(712)
        n = max(60, round(PATIENTS * world.scale))
        people = np.bincount(world.district_of_town, weights=world.population, minlength=6)
        group = rng.choice(3, n, p=CLASS_SHARE)
        start, end = int(world.days[0]), int(world.days[-1])
        back = (STOCK_VISITS + 1) * LIMIT_D[group]
        new = rng.random(n) < 0.03
        registered = np.where(
            new,
            rng.integers(start, max(end, start + 1), n),
            start - back - rng.integers(30, 4000, n),
        )
        leaves = rng.random(n) < LEAVES
        district = rng.choice(6, n, p=people / people.sum())
        status = rng.choice(["1", "2", "3"], n, p=REGISTER_SHARE)
        status[(district == BAD_DISTRICT) & (rng.random(n) < BAD_REFUSES)] = "2"
        return pl.DataFrame(
            {
                "patient": np.arange(n),
                "district": district,
                "group": group,
                "registered": registered,
                "first": np.where(
                    new, registered, start - back + (rng.random(n) * LIMIT_D[group]).astype(int)
                ),
                # nobody leaves a world of less than a month
                "last": np.where(
                    leaves, rng.integers(start + 30, max(end, start + 31), n), end + 1
                ),
                "exit": rng.choice(["4", "5"], n, p=[0.6, 0.4]),
                "status": status,
                "age": rng.choice(["01", "02", "03", "04", "05", "06"], n),
                "schizophrenia": rng.random(n) < 0.73,
                "guardian": rng.random(n) < 0.9,
                "consent": rng.random(n) < 0.95,
                "token": pseudonyms(np.arange(n), 12),
            }
        )

    def _visit_days(self) -> tuple[Ints, Ints]:
        """(patient, day) of every visit: within the limit, or some days after it."""
        world, rng, table = self.world, self.world.chance(7120), self.patients
        end = int(world.days[-1])
        found: list[tuple[Ints, Ints]] = []
        for group in range(3):
            some = table.filter(pl.col("group") == group)
            limit = int(LIMIT_D[group])
            steps = int((end - int(some["first"].min() or end)) / (limit * 0.84)) + 2  # type: ignore[arg-type]
            shape = (some.height, steps)
            late = rng.random(shape) < VISIT_LATE[some["district"].to_numpy()][:, None]
            gap = np.round(limit * rng.uniform(0.86, 1.0, shape)).astype(np.int64)
            gap = np.where(late, limit + 1 + rng.exponential(limit / 4, shape).astype(int), gap)
            gap[:, 0] = 0
            day = some["first"].to_numpy()[:, None] + np.cumsum(gap, axis=1)
            alive = day <= np.minimum(end, some["last"].to_numpy())[:, None]
            who = np.broadcast_to(some["patient"].to_numpy()[:, None], shape)
            found.append((who[alive], day[alive]))
        return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])

    @cached_property
    def visits(self) -> pl.DataFrame:
        """F12 in declared form, what each file shows; `updated` is the evening of the visit."""
        world, rng = self.world, self.world.chance(7121)
        patient, day = self._visit_days()
        left = self.patients.filter(pl.col("last") <= int(world.days[-1]))
        stay = pl.DataFrame({"patient": patient, "day": day, "exits": False})
        gone = left.select("patient", day="last", exits=pl.lit(value=True))
        rows = (
            pl.concat([stay, gone])
            .unique(["patient", "day"], keep="last", maintain_order=True)
            .sort("patient", "day")
            .join(self.patients, on="patient", how="left", maintain_order="left")
        )
        start = int(world.days[0])
        before = (pl.col("day") < start).sum().over("patient")
        nth = pl.int_range(pl.len()).over("patient")
        rows = rows.filter((pl.col("day") >= start) | (nth >= before - STOCK_VISITS))
        n = rows.height
        hospital = rng.random(n) < 0.015
        limit = pl.Series(LIMIT_D).gather(rows["group"])
        risk = np.where(rows["group"].to_numpy() == 2, rng.integers(3, 6, n), rng.integers(0, 2, n))
        eligible = rng.random(n) < 0.6
        declared = rows.with_columns(
            risk=pl.Series(risk),
            hospital=pl.Series(hospital),
            eligible=pl.Series(eligible),
            paid=pl.Series(rng.random(n) < PAID),
            face=pl.Series(rng.random(n) < 0.83),
            medicine=pl.Series(rng.choice(["1", "2", "3", "4"], n, p=[0.8, 0.13, 0.03, 0.04])),
            treated=pl.Series(rng.random(n) < TREATED),
            role=pl.Series(rng.choice(["1", "2", "3"], n, p=[0.25, 0.7, 0.05])),
            evening=pl.Series(second_of_day(rng, n, 17, 20)),
            due=pl.col("day") + limit,
        ).select(
            patient_token=pl.col("token"),
            visit_date=_date("day"),
            district_code=pl.Series(list(DISTRICTS)).gather(rows["district"]),
            age_band="age",
            reg_status=pl.when("exits").then("exit").otherwise("status"),
            stability=pl.Series(["S", "B", "U"]).gather(rows["group"]),
            risk_level=pl.col("risk").cast(pl.String),
            medication="medicine",
            is_schizophrenia=_flag("schizophrenia"),
            treated=_flag("treated"),
            visit_way=pl.when("face").then(pl.lit("1")).otherwise(pl.lit("2")),
            next_due=_date("due"),
            guardian_subsidy=_flag("paid"),
            consent_managed=_flag("consent"),
            in_hospital=_flag("hospital"),
            has_guardian=_flag("guardian"),
            subsidy_eligible=_flag("eligible"),
            subsidy_due_date=pl.when("eligible").then(_date("due")),
            register_date=_date("registered"),
            assess_role="role",
            updated=((pl.col("day") * DAY_S + pl.col("evening")) * 1_000_000).cast(
                pl.Datetime("us")
            ),
        )
        return shown(declared, ["patient_token", "visit_date"], world)


def _date(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int32).cast(pl.Date).cast(pl.String)


def _flag(name: str) -> pl.Expr:
    return pl.when(name).then(pl.lit("是")).otherwise(pl.lit("否"))
