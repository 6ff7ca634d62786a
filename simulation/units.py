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
