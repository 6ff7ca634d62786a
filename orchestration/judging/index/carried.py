"""What the units of a card take from the units an item is computed at.

A town has its own value, or takes that of its district, its police station or the city, and says so
(`inherited`). A value from elsewhere is carried at most three months beyond its last period; a town
with nothing due in twelve months takes the district's value where the framework names a fallback.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from orchestration.judging.index.framework import Item
from orchestration.judging.index.sources import Sources
from orchestration.judging.panel import Ints
from orchestration.judging.posterior import Floats


@dataclass(frozen=True)
class Carried:
    """One item of a card; arrays are (units of the card, months).

    `pick` is the place of the unit's source among the own sources and the fallback's, one after
    the other; -1 where there is no value.
    """

    item: Item
    own: Sources
    fallback: Sources | None
    pick: Ints
    inherited: npt.NDArray[np.bool_]

    def stacked(self, name: str) -> Floats:
        """An array of the sources, the fallback's below the own."""
        own: Floats = getattr(self.own, name)
        if self.fallback is None:
            return own
        return np.concatenate([own, getattr(self.fallback, name)])

    def at(self, name: str) -> Floats:
        """An array of the sources as the card's units take it; NaN where there is none."""
        every = self.stacked(name)
        months = np.arange(self.pick.shape[1])[None, :]
        return np.where(self.pick >= 0, every[np.maximum(self.pick, 0), months], np.nan)

    def codes(self) -> list[str]:
        """Codes of the sources, in the order of `pick`."""
        return self.own.units.codes + (self.fallback.units.codes if self.fallback else [])


def carry(
    item: Item, level: str, own: Sources, to_own: Ints, fallback: Sources | None, to_fallback: Ints
) -> Carried:
    """Give each unit of a card of `level` its source. `to_own` and `to_fallback` hold, by unit of
    the card, the place of its unit among the sources, -1 for none."""
    at_home = own.units.level == level
    usable = own.present if at_home else own.present & own.recent
    pick = np.where(_take(usable, to_own), to_own[:, None], -1)
    inherited = np.full(pick.shape, not at_home)
    if fallback is not None:
        helped = (pick < 0) & _take(fallback.present, to_fallback)
        pick = np.where(helped, to_fallback[:, None] + len(own.units.codes), pick)
        inherited |= helped
    return Carried(item, own, fallback, pick, inherited & (pick >= 0))


def _take(known: npt.NDArray[np.bool_], places: Ints) -> npt.NDArray[np.bool_]:
    if not len(known):
        return np.zeros((len(places), known.shape[1]), dtype=bool)
    return np.where(places[:, None] >= 0, known[np.maximum(places, 0)], False)
