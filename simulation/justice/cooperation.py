"""F05: what the courts ask other agencies to do in the cases of F04, in 72 kinds of matters.

The 26,000 matters since the launch come with the first delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from ingestion.contract.codes import table
from simulation.changes import end_s, moment, per_day, second_of_day
from simulation.channels.breaches import LONG_AGO_TIME, in_json
from simulation.channels.declared import Extra
from simulation.histories import changed, history, known, known_moment, month_of, numbered, shares
from simulation.justice.enforcement import LEAST_D, STOCK_D, Enforcement
from simulation.offices import ROLES, Offices
from simulation.world import DAY_S, DISTRICTS, Ints, World

STOCK, PER_DAY = 26_000, 75.0
# Matters in the order of their code: who does them, and the workdays they may take.
GROUPS = {"01": ("A", 3), "02": ("B", 5), "03": ("C", 7), "04": ("D", 7)}
IN_CHARGE = {
    "01": ("land", "market", "civil", "labour", "health", "transport", "housing"),
    "02": ("land", "housing", "market", "transport", "labour"),
    "03": ("land", "transport", "market", "housing"),
    "04": ("housing", "land", "ecology", "emergency", "education"),
}
ONLINE = np.array([0.992, 0.994, 0.991, 0.972, 0.995, 0.987])  # by district
LATE, BAD_OFFICE = 0.011, {"330604/land": 0.13, "330683/housing": 0.14}
DAYS_MEAN = {"A": 0.8, "B": 1.5, "C": 3.2, "D": 2.4}
EXTRA = Extra(
    json=[
        *in_json("due_time", "due_after_submit", f'"{LONG_AGO_TIME}"', '"[^"]*"'),
        (
            "breach of group_of_matter",
            "matter_group",
            r'"matter_code":"[0-9]{4}","matter_group":"[A-D]"',
            '"matter_code":"0101","matter_group":"D"',
            "group_of_matter",
        ),
    ]
)


@dataclass(frozen=True)
class Cooperation:
    """All requests, in order of submission."""

    world: World
    enforcement: Enforcement

    def _case(self, rng: np.random.Generator, submit: Ints) -> Ints:
        """A case filed some weeks before each request and not yet closed."""
        cases = self.enforcement.cases
        filed, close = cases["file"].to_numpy(), cases["close"].to_numpy()
        order = np.argsort(filed, kind="stable")
        lag = 1 + rng.exponential(22.0, len(submit))
        first = np.searchsorted(filed[order], submit - (lag * DAY_S).astype(np.int64)) - 1
        case = order[np.maximum(first, 0)]
        # a case that was closed by then gives way to one of the last days, which is open
        recent = np.searchsorted(filed[order], submit - 1800) - 1
        gone = (close[case] <= submit) | (filed[case] >= submit)
        return np.where(gone, order[np.maximum(recent, 0)], case)

    @cached_property
    def matters(self) -> pl.DataFrame:
        """submit, accept, finish, due (local seconds), case, matter, unit and codes."""
        world, rng = self.world, self.world.chance(8605)
        codes = pl.Series(list(table("COOP_MATTER").codes)).sort()
        before = rng.integers(1, STOCK_D - 3 * LEAST_D, round(STOCK * world.scale))
        days = np.sort(
            np.concatenate([int(world.days[0]) - before, per_day(world, rng, PER_DAY, world.days)])
        )
        n = len(days)
        submit = np.sort(days * DAY_S + second_of_day(rng, n))
        case = self._case(rng, submit)
        weight = 1 / np.arange(1, len(codes) + 1) ** 0.7
        kind = rng.choice(len(codes), n, p=weight / weight.sum())
        every = np.arange(min(len(codes), n))
        kind[n - len(every) :] = every[::-1]  # every kind occurs
        code = codes.gather(pl.Series(kind))
        head = code.str.head(2)
        group = head.replace_strict({h: g for h, (g, _) in GROUPS.items()})
        workdays = head.replace_strict({h: d for h, (_, d) in GROUPS.items()})
        court = self.enforcement.cases["court"].gather(pl.Series(case))
        district = court.replace_strict(
            {c: i for i, c in enumerate(DISTRICTS)}, return_dtype=pl.Int64
        ).to_numpy()
        # each kind of matter has its department
        owner = np.array([self._role(c) for c in codes])
        offices = Offices(world)
        office = offices.department(district, owner[kind])
        chance = offices.rates(86051, "even", LATE, BAD_OFFICE)[office]
        late = rng.random(n) < chance
        due = world.due_day(submit // DAY_S, workdays.cast(pl.Int64).to_numpy()) * DAY_S
        due += 18 * 3600
        mean = group.replace_strict(DAYS_MEAN, return_dtype=pl.Float64).to_numpy()
        spent = mean * np.exp(rng.normal(-0.18, 0.6, n)) * DAY_S
        soon = np.minimum(submit + 1200 + spent.astype(np.int64), due - 60)
        after = due + 3600 + rng.exponential(2 * DAY_S, n).astype(np.int64)
        finish = np.where(late, after, soon)
        accept = submit + 60 + ((finish - submit) * rng.uniform(0.02, 0.3, n)).astype(np.int64)
        other = rng.choice(["1", "2", "3"], n, p=[0.955, 0.025, 0.02])
        online = rng.random(n) < ONLINE[district]
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "case_no": self.enforcement.cases["case_no"].gather(pl.Series(case)),
                "code": code,
                "group": group,
                "org_code": offices.code(office),
                "submit": submit,
                "accept": accept,
                "finish": finish,
                "due": due,
                "result": np.where(late, "4", other).tolist(),
                "online": online,
                "online_chance": ONLINE[district],
                "chance": chance,
                "court": court,
            }
        )

    @staticmethod
    def _role(code: str) -> int:
        able = IN_CHARGE[code[:2]]
        return ROLES.index(able[int(code[2:]) % len(able)])

    def rows(self) -> pl.DataFrame:
        """F05 in declared form; `updated` is the time of the change."""
        steps = [changed(self.matters, s) for s in ("submit", "accept", "finish")]
        return history(self.world, "number", steps).select(
            matter_id=numbered("XZ", "number", 9),
            case_no="case_no",
            matter_code="code",
            matter_group="group",
            coop_org_code="org_code",
            submit_time=moment("submit"),
            accept_time=known_moment("accept_time", "accept"),
            due_time=moment("due"),
            finish_time=known_moment("finish_time", "finish"),
            result=pl.when(known("finish")).then("result"),
            online="online",
            court_code="court",
            region_code="court",
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """E05 by month of the limit, E06 by month of submission."""
        end, begin = end_s(self.world), int(self.world.days[0]) * DAY_S
        due = self.matters.filter(pl.col("due").is_between(begin, end - 1)).with_columns(
            month_of("due"),
            good=pl.col("finish") <= pl.col("due"),
            rate=1 - pl.col("chance"),
        )
        sent = self.matters.filter(pl.col("submit") >= begin).with_columns(
            month_of("submit"), good="online", rate="online_chance"
        )
        levels = {"department": "org_code", "matter": "code", "district": "court"}
        return pl.concat([shares("E05", due, levels), shares("E06", sent, {"district": "court"})])
