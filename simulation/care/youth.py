"""F14: support cases of young people, opened on a statutory act only, under pseudonyms.

No score, no name, no school: the feed holds what help was due and when it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, end_s, moment, per_day, pseudonyms, second_of_day, shown
from simulation.units import CONTACT_LATE
from simulation.world import DAY_S, DISTRICTS, World

PER_DAY, CONTACT_LIMIT_D = 4.0, 7
STATUS_SHARE = [0.6, 0.2, 0.1, 0.1]  # at school, in training, at work, none of them
HEADERS = {
    "case_token": "个案标识",
    "age_band": "年龄段",
    "district_code": "县(市、区)",
    "open_date": "建案日",
    "stage": "阶段",
    "legal_basis": "法定依据",
    "referrer": "转介机关",
    "first_contact_due": "首次接触时限",
    "first_contact_date": "首次接触日",
    "measure_kind": "帮扶措施",
    "guardian_informed": "监护人知情",
    "school_work_status": "就学就业状态",
    "close_date": "结案日",
    "close_reason": "结案原因",
    "appeal_flag": "是否提出异议",
    "measure_date": "首项措施日",
    "appeal_result": "异议结果",
}


@dataclass(frozen=True)
class Youth:
    """All support cases of the world, in order of opening."""

    world: World

    @cached_property
    def cases(self) -> pl.DataFrame:
        """Moments in local seconds, OPEN where none; codes of what was done."""
        world, rng = self.world, self.world.chance(714)
        days = per_day(world, rng, PER_DAY, world.days)
        n = len(days)
        opened = np.sort(days * DAY_S + second_of_day(rng, n))
        people = np.bincount(world.district_of_town, weights=world.population, minlength=6)
        district = rng.choice(6, n, p=people / people.sum())
        age = rng.choice(["1", "2", "3", "4"], n, p=[0.22, 0.36, 0.27, 0.15])
        minor = np.isin(age, ["1", "2"])
        basis = np.where(minor, rng.choice(["A28", "A38", "A45"], n, p=[0.6, 0.36, 0.04]), "ADL")
        late = rng.random(n) < CONTACT_LATE[district]
        wait = np.where(late, CONTACT_LIMIT_D + rng.integers(1, 12, n), rng.integers(0, 7, n))
        contact = opened + wait * DAY_S
        closes = opened + rng.integers(60, 300, n) * DAY_S
        wrong = rng.random(n) < 0.012
        contact = np.where(wrong, OPEN, contact)
        return pl.DataFrame(
            {
                "case": np.arange(n),
                "opened": opened,
                "district": district,
                "age": age.tolist(),
                "basis": basis.tolist(),
                "referrer": rng.choice(["01", "02", "03", "04", "05"], n).tolist(),
                "due": opened + CONTACT_LIMIT_D * DAY_S,
                "contact": contact,
                "helped": np.where(wrong, OPEN, contact + rng.integers(0, 20, n) * DAY_S),
                "closes": np.where(wrong, opened + 12 * DAY_S, closes),
                "reason": np.where(
                    wrong, "3", rng.choice(["1", "2", "4", "5"], n, p=[0.86, 0.06, 0.05, 0.03])
                ).tolist(),
                "measure": rng.choice(["01", "02", "03", "04", "05", "06"], n).tolist(),
                "informed": rng.random(n) < 0.97,
                "status": rng.choice(["1", "2", "3", "4"], n, p=STATUS_SHARE).tolist(),
                "appeals": wrong | (rng.random(n) < 0.01),
                "wrong": wrong,
                "token": pseudonyms(np.arange(n), 14),
            }
        )

    @cached_property
    def changes(self) -> pl.DataFrame:
        """F14 in declared form, what each file shows; `updated` is the time of the change."""
        world, rows = self.world, self.cases
        steps = ("opened", "contact", "helped", "closes")
        every = pl.concat([rows.with_columns(at=pl.col(s)) for s in steps])
        every = every.filter(pl.col("at") < end_s(world)).sort("at", "case", maintain_order=True)

        def known(name: str) -> pl.Expr:
            return pl.col(name) <= pl.col("at")

        def flag(name: str) -> pl.Expr:
            return pl.when(name).then(pl.lit("是")).otherwise(pl.lit("否"))

        declared = every.select(
            case_token=pl.col("token"),
            age_band="age",
            district_code=pl.Series(list(DISTRICTS)).gather(every["district"]),
            open_date=day("opened").cast(pl.String),
            stage=pl.when(known("helped"))
            .then(pl.lit("3"))
            .when(known("contact"))
            .then(pl.lit("2"))
            .otherwise(pl.lit("1")),
            legal_basis="basis",
            referrer="referrer",
            first_contact_due=day("due").cast(pl.String),
            first_contact_date=pl.when(known("contact")).then(day("contact").cast(pl.String)),
            measure_kind=pl.when(known("helped")).then("measure"),
            guardian_informed=flag("informed"),
            school_work_status=pl.when(known("contact")).then("status"),
            close_date=pl.when(known("closes")).then(day("closes").cast(pl.String)),
            close_reason=pl.when(known("closes")).then("reason"),
            appeal_flag=flag("appeals"),
            measure_date=pl.when(known("helped")).then(day("helped").cast(pl.String)),
            appeal_result=pl.when(known("closes") & pl.col("appeals")).then(
                pl.when("wrong").then(pl.lit("3")).otherwise(pl.lit("1"))
            ),
            updated=moment("at"),
        )
        return shown(declared, "case_token", world)
