"""How good each unit truly is: the rates the lights must find again.

District figures are design. A few towns and departments are made truly bad; all others
vary a little around their district.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulation.world import Floats, World

# Share of counted hotline tickets that miss their due time where nothing is wrong, per district.
# With the bad units below the city comes to 1.2 %; a good department (it never sees the half that
# the desk answers at once) to about 1 %.
HOTLINE_LATE = np.array([0.0040, 0.0052, 0.0046, 0.0050, 0.0042, 0.0052])
# Share of disputes not resolved 60 days after their month, per district (mean 2.4 %).
DISPUTE_UNRESOLVED = np.array([0.012, 0.013, 0.012, 0.075, 0.009, 0.038])
# Median days from registration to the first closing, per district.
DISPUTE_MEDIAN_DAYS = np.array([10.5, 12.0, 22.5, 13.0, 9.5, 14.0])
# Town codes that are truly bad, and by what factor.
BAD_HOTLINE_TOWN = {"330604101000": 14.0, "330681102000": 17.0, "330683104000": 13.0}
BAD_DISPUTE_TOWN = {"330602009000": 7.0, "330681110000": 8.0}
BAD_CRIME_TOWN = {"330603002000": 2.6, "330683002000": 2.4}
# (district, role) of truly bad departments: the share of what they handle that they answer late.
BAD_DEPARTMENT = {
    ("330603", "housing"): 0.160,
    ("330603", "enforcement"): 0.115,
    ("330603", "transport"): 0.105,
    ("330604", "labour"): 0.100,
    ("330681", "market"): 0.110,
    ("330683", "housing"): 0.120,
}
# Share of dispatched valid calls that arrive in time: two kinds of stations, most of them quick,
# one in seven too thinly staffed (a bimodal truth). Named towns' stations are truly bad.
ARRIVAL_QUICK, ARRIVAL_THIN, THIN_SHARE = 0.974, 0.915, 0.14
BAD_ARRIVAL_TOWN = {"330604101000": 0.80, "330683104000": 0.78}
# Share of contacts that end unsatisfied: a few stations carry most of them (a heavy-tailed truth).
UNSATISFIED_SCALE, UNSATISFIED_TAIL = 0.011, 2.1
BAD_SERVICE_TOWN = {"330603002000": 0.16, "330681110000": 0.14}
# Share of contacts of the eleven kinds that nobody asks.
UNASKED = 0.008
BAD_UNASKED_TOWN = {"330681102000": 0.15}
# Share of grid events that miss their limit, and of dispatch orders not signed or fed back in time.
GRID_LATE, BAD_GRID_TOWN = 0.0045, {"330602009000": 16.0, "330624107000": 12.0}
ORDER_LATE, BAD_ORDER_TOWN = 0.011, {"330603002000": 11.0, "330683002000": 10.0}
# Share of penalty cases not decided in 90 days, by the role of the agency; towns add a factor.
PENALTY_LATE = {
    "market": 0.007,
    "ecology": 0.070,
    "labour": 0.009,
    "housing": 0.011,
    "transport": 0.006,
    "enforcement": 0.008,
}
# Share of visits to patients, and of first contacts of young people, that come too late, per
# district.
VISIT_LATE = np.array([0.030, 0.035, 0.028, 0.200, 0.032, 0.040])
CONTACT_LATE = np.array([0.02, 0.03, 0.02, 0.03, 0.18, 0.03])


@dataclass(frozen=True)
class Truth:
    """True rates per town (103 values each), derived from the seed once."""

    world: World

    def _spread(self, stream: int, sigma: float, bad: dict[str, float]) -> Floats:
        """Log-normal factors around 1, times the factor of the bad towns."""
        rng = self.world.chance(stream)
        codes = self.world.towns["town_code"].to_list()
        factor = np.exp(rng.normal(0.0, sigma, len(codes)) - sigma**2 / 2)
        unknown = set(bad) - set(codes)
        if unknown:
            raise ValueError(f"bad towns that do not exist: {sorted(unknown)}")
        return np.array([bad.get(c, f) for c, f in zip(codes, factor, strict=True)])

    @cached_property
    def hotline_late(self) -> Floats:
        """Probability that a counted ticket of the town misses its due time."""
        return HOTLINE_LATE[self.world.district_of_town] * self._spread(901, 0.16, BAD_HOTLINE_TOWN)

    @cached_property
    def dispute_unresolved(self) -> Floats:
        """Probability that a dispute of the town is unresolved 60 days after its month."""
        return np.minimum(
            0.4,
            DISPUTE_UNRESOLVED[self.world.district_of_town]
            * self._spread(902, 0.18, BAD_DISPUTE_TOWN),
        )

    @cached_property
    def dispute_median_days(self) -> Floats:
        """Median days to the first closing."""
        return DISPUTE_MEDIAN_DAYS[self.world.district_of_town] * self._spread(903, 0.08, {})

    @cached_property
    def crime_factor(self) -> Floats:
        """Criminal calls per person against the city's mean."""
        return self._spread(904, 0.20, BAD_CRIME_TOWN)

    def _named(self, rate: Floats, bad: dict[str, float]) -> Floats:
        """The rates, with those of the named towns put in their place."""
        codes = self.world.towns["town_code"].to_list()
        unknown = set(bad) - set(codes)
        if unknown:
            raise ValueError(f"bad towns that do not exist: {sorted(unknown)}")
        return np.array([bad.get(c, r) for c, r in zip(codes, rate, strict=True)])

    @cached_property
    def arrives_in_time(self) -> Floats:
        """Probability that the town's station is there within the standard: two clusters."""
        rng = self.world.chance(905)
        n = self.world.towns.height
        thin = rng.random(n) < THIN_SHARE
        rate = np.where(thin, ARRIVAL_THIN, ARRIVAL_QUICK) + rng.normal(0, 0.006, n)
        return self._named(np.minimum(rate, 0.995), BAD_ARRIVAL_TOWN)

    @cached_property
    def unsatisfied(self) -> Floats:
        """Probability that a contact with the town's station ends unsatisfied: Pareto tail."""
        rng = self.world.chance(906)
        n = self.world.towns.height
        rate = UNSATISFIED_SCALE * (1 + rng.pareto(UNSATISFIED_TAIL, n))
        return self._named(np.minimum(rate, 0.12), BAD_SERVICE_TOWN)

    @cached_property
    def unasked(self) -> Floats:
        """Probability that nobody asks how the contact was."""
        rng = self.world.chance(907)
        rate = UNASKED * np.exp(rng.normal(0, 0.3, self.world.towns.height))
        return self._named(rate, BAD_UNASKED_TOWN)

    @cached_property
    def grid_late(self) -> Floats:
        """Probability that a grid event of the town misses its limit."""
        return GRID_LATE * self._spread(908, 0.25, BAD_GRID_TOWN)

    @cached_property
    def order_late(self) -> Floats:
        """Probability that the town's station misses an order's signing or feedback limit."""
        return ORDER_LATE * self._spread(909, 0.3, BAD_ORDER_TOWN)

    @cached_property
    def penalty_factor(self) -> Floats:
        """By how much a town's penalty cases are later than their agency's."""
        return self._spread(910, 0.2, {})
