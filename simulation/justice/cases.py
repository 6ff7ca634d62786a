"""F08: administrative enforcement cases of six city agencies, with the lights they deserve.

The numbers at the end are the published ones (33,018 cases, 61 with a red light, 704 with a
yellow one and no red) and come out of the records: a red case truly passes a threshold of the
charge it hints at, a yellow one comes near it, is not decided in 90 days, or is one of two that
pass it together. All others stay far below. Thresholds: see THRESHOLDS.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from simulation.changes import OPEN, end_s, second_of_day
from simulation.companies import company_names, credit_codes
from simulation.identity import distinct_resident_ids, sentinel_names
from simulation.units import PENALTY_LATE, Truth
from simulation.world import DAY_S, Floats, Ints, World

CASES, RED, YELLOW, DAYS = 33_018, 61, 704, 395  # article figures, over 13 months
NEW_PER_DAY, STOCK_DAYS, PAIRS = 60.0, 150, 10
DELETED, DELETED_AFTER_D = 12, 35  # cases entered by mistake, found out in a later delivery
CITY = "330600"
AGENCIES = ("market", "ecology", "labour", "housing", "transport", "enforcement")
AGENCY_SHARE = np.array([0.26, 0.10, 0.08, 0.08, 0.16, 0.32])
DOMAINS = {
    "market": ("01", "16", "15"),
    "ecology": ("02",),
    "labour": ("03",),
    "housing": ("10",),
    "transport": ("11",),
    "enforcement": ("13",),
}
# domain: charge, kind of the amount (or of the quantity), threshold in 元 (or tonnes).
# 刑法 140 and 公通字〔2008〕36号 16; 法释〔2021〕24号 18; 法释〔2023〕7号 1(二); 法释〔2013〕3号 3.
THRESHOLDS = {
    "01": ("XP140", "01", 50_000.0),
    "16": ("XP225", "03", 100_000.0),
    "02": ("XP338", "q01", 3.0),
    "03": ("XP276", "06", 5_000.0),
}
# Trade marks: the rule in force until 2025-04-25 has ended, so that no amount lights a light.
NO_THRESHOLD = {"15": ("XP214", "01", 50_000.0)}
Flags = npt.NDArray[np.bool_]


def _pick(rng: np.random.Generator, where: Flags, n: int) -> Ints:
    place = np.flatnonzero(where)
    return np.sort(rng.choice(place, min(max(n, 0), len(place)), replace=False))


@dataclass(frozen=True)
class Cases:
    """All cases of the world, one element each, in order of filing."""

    world: World

    def _frame(self, rng: np.random.Generator) -> dict[str, Ints]:
        """Filing day, agency, town and limit of each case; the last DELETED are mistakes."""
        world = self.world
        total = round(CASES * world.scale * len(world.days) / DAYS)
        new = min(total, round(NEW_PER_DAY * world.scale * len(world.days)))
        first = int(world.days[0])
        old = first - rng.integers(1, STOCK_DAYS, total - new)
        weight = world.day_factor / world.day_factor.sum()
        fresh = first + rng.choice(len(world.days), new, p=weight)
        wrong = first + rng.integers(0, max(1, len(world.days) - 40), DELETED)
        filed = np.concatenate([np.sort(np.concatenate([old, fresh])), wrong]).astype(np.int64)
        n = len(filed)
        share = AGENCY_SHARE / AGENCY_SHARE.sum()
        suspend = np.where(rng.random(n) < 0.03, rng.integers(10, 60, n), 0)
        return {
            "filed": filed,
            "agency": rng.choice(6, n, p=share).astype(np.int64),
            "town": world.pick_town(rng, n, np.ones(world.towns.height)),
            "suspend": suspend.astype(np.int64),
            "deadline": filed + 90 + suspend,
        }

    @staticmethod
    def _domains(rng: np.random.Generator, agency: Ints) -> npt.NDArray[np.str_]:
        first = np.array([DOMAINS[a][0] for a in AGENCIES])[agency]
        draw = rng.random(len(agency))
        food, marks = (agency == 0) & (draw < 0.2), (agency == 0) & (draw > 0.9)
        return np.where(food, "16", np.where(marks, "15", first))

    def _lights(
        self, rng: np.random.Generator, frame: dict[str, Ints], domain: npt.NDArray[np.str_]
    ) -> tuple[npt.NDArray[np.str_], Flags, Floats]:
        """(class, decided too late, chance of it): R, Y1 near, Y2 late, Y3 the newer of two."""
        n, end = len(domain), int(self.world.days[-1])
        total = n - DELETED
        real = np.arange(n) < total
        base = np.array([PENALTY_LATE[a] for a in AGENCIES])[frame["agency"]]
        chance = np.minimum(0.5, base * Truth(self.world).penalty_factor[frame["town"]])
        light = np.full(n, "", dtype="<U2")
        known = real & np.isin(domain, list(THRESHOLDS)) & (frame["filed"] < end - 2)
        light[_pick(rng, known, round(RED * total / CASES))] = "R"
        late = real & (light == "") & (rng.random(n) < chance)
        light[late & (frame["deadline"] + 1 <= end)] = "Y2"
        # pairs of one party: an older and a newer case of market supervision
        pairs = min(PAIRS, max(1, round(PAIRS * self.world.scale)))
        both = _pick(rng, known & (light == "") & ~late & (domain == "01"), 2 * pairs)
        half = len(both) // 2  # a short world has few, perhaps an odd one
        light[both[:half]], light[both[half : 2 * half]] = "y3", "Y3"
        wanted = round(YELLOW * total / CASES) - int(np.isin(light, ["Y2", "Y3"]).sum())
        light[_pick(rng, known & (light == "") & ~late, wanted)] = "Y1"
        return light, late, chance

    @staticmethod
    def _metric(
        rng: np.random.Generator, light: npt.NDArray[np.str_], domain: npt.NDArray[np.str_]
    ) -> Floats:
        """Amount or quantity over its threshold."""
        n = len(light)
        low = np.exp(rng.normal(-2.4, 0.7, n))
        return np.select(
            [light == "R", light == "Y1", np.isin(light, ["y3", "Y3"])],
            [
                1.02 + rng.exponential(0.8, n),
                np.where(domain == "03", 1.1 + rng.random(n), rng.uniform(0.71, 0.94, n)),
                rng.uniform(0.53, 0.66, n),
            ],
            np.clip(low, 0.004, 0.32),
        )

    @cached_property
    def cases(self) -> pl.DataFrame:
        """Everything about a case that never changes, and its moments (days, local seconds)."""
        world, rng = self.world, self.world.chance(708)
        frame = self._frame(rng)
        n = len(frame["filed"])
        domain = self._domains(rng, frame["agency"])
        light, late, chance = self._lights(rng, frame, domain)
        rules = {**THRESHOLDS, **NO_THRESHOLD}
        limit = np.array([rules[d][2] if d in rules else 20_000.0 for d in domain])
        kind = np.array([rules[d][1] if d in rules else "04" for d in domain])
        hint = np.array([rules[d][0] if d in rules else "" for d in domain])
        metric = self._metric(rng, light, domain)
        lit = light != ""
        named = np.isin(light, ["R", "Y1", "y3", "Y3"]) | (rng.random(n) < 0.12)
        party, who = self._parties(rng, frame, light)
        span = frame["deadline"] - frame["filed"]
        in_time = frame["filed"] + 3 + ((span - 4) * rng.beta(2.0, 2.4, n)).astype(np.int64)
        after = frame["deadline"] + 1 + rng.exponential(25, n).astype(np.int64)
        never = late & (rng.random(n) < 0.25)
        decided = np.where(never, OPEN, np.where(late, after, in_time))
        has_value = np.isin(domain, list(rules)) | (rng.random(n) < 0.4)
        town, dropped = frame["town"], rng.random(n) < 0.04
        return pl.DataFrame(
            {
                **frame,
                "number": np.arange(n),
                "domain": domain.tolist(),
                "light": light.tolist(),
                "late_chance": chance,
                "deleted": np.arange(n) >= n - DELETED,
                "hint": np.where(named & (hint != ""), hint, "").tolist(),
                "metric": metric,
                "cents": np.round(metric * limit * 100).astype(np.int64),
                "kind": kind.tolist(),
                "has_value": has_value,
                "tonnes": np.round(metric * limit, 3),
                "condition": np.where(
                    domain == "03",
                    np.where(light == "R", "1", np.where(light == "Y1", "", "0")),
                    "",
                ).tolist(),
                "act": np.where(
                    (light == "R") & (domain == "02") & (rng.random(n) < 0.3), "03", "00"
                ),
                "prior": np.where(rng.random(n) < 0.06, 1, 0),
                "more_prior": rng.binomial(2, 0.04, n),
                "decided": decided,
                # a case that is dropped ends on the day it is dropped
                "closed": np.where(
                    decided < OPEN, decided + np.where(dropped, 0, rng.integers(0, 20, n)), OPEN
                ),
                "no_penalty": dropped,
                "fine": np.round(np.exp(rng.normal(7.6, 1.0, n)), -1) * 100,
                "has_town": rng.random(n) >= 0.03,
                "second": rng.random(n) < 0.03,
                "corrected": np.where(
                    ~lit & (rng.random(n) < 0.01), frame["filed"] + rng.integers(60, 200, n), OPEN
                ),
                "entered": frame["filed"] * DAY_S + second_of_day(rng, n, 9, 17.5),
            }
        ).with_columns(
            *party,
            who,
            pl.Series("town_code", world.towns["town_code"].gather(pl.Series(town))),
            pl.Series("region_code", world.towns["region_code"].gather(pl.Series(town))),
            agency_code=pl.Series([world.organisation(CITY, a) for a in AGENCIES]).gather(
                pl.Series(frame["agency"])
            ),
            case_id=pl.format(
                "{}A{}",
                pl.Series(frame["filed"]).cast(pl.Int32).cast(pl.Date).dt.strftime("%Y%m%d"),
                pl.Series(np.arange(n)).cast(pl.String).str.zfill(7),
            ),
        )

    def _parties(
        self, rng: np.random.Generator, frame: dict[str, Ints], light: npt.NDArray[np.str_]
    ) -> tuple[pl.DataFrame, pl.Series]:
        """party_kind, party_id; and party_name. Nobody twice, except the two cases of a pair."""
        n, town = len(light), frame["town"]
        kind = rng.choice(["1", "2", "3"], n, p=[0.45, 0.4, 0.15])
        number = rng.permutation(900_000)[:n].astype(np.int64)
        older, newer = np.flatnonzero(light == "y3"), np.flatnonzero(light == "Y3")
        kind[np.concatenate([older, newer])] = "2"
        number[newer] = number[older]
        town = town.copy()
        town[newer] = town[older]
        region = self.world.towns["region_code"].gather(pl.Series(town))
        names = sentinel_names()
        table = pl.DataFrame(
            {
                "party_kind": kind.tolist(),
                "person": distinct_resident_ids(rng, n),
                "company": credit_codes(region, number, "1"),
                "business": credit_codes(region, number, "2"),
                "name": pl.Series(names).gather(pl.Series(rng.integers(0, len(names), n))),
                "firm": company_names(self.world, town, number),
            }
        ).select(
            "party_kind",
            party_id=pl.when(pl.col("party_kind") == "1")
            .then("person")
            .when(pl.col("party_kind") == "2")
            .then("company")
            .otherwise("business"),
            party_name=pl.when(pl.col("party_kind") == "1").then("name").otherwise("firm"),
        )
        return table.select("party_kind", "party_id"), table["party_name"]

    @cached_property
    def until(self) -> int:
        """The first second after the world."""
        return end_s(self.world)
