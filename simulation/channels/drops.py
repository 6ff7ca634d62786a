"""Daily CSV drops: what one file got wrong comes right in the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation.deliveries import Ground
from simulation.dirt import Defect, spoil
from simulation.world import Period


@dataclass(frozen=True)
class Drop:
    """A series of files of one feed (and one sender): how rows become a file's bytes.

    `rows` are text columns in declared order plus `period`; `finish` names the file of a period
    and makes its bytes.
    """

    feed: str
    key: str | list[str]
    rows: pl.DataFrame
    defects: list[Defect]
    stream: int
    name: Callable[[Period], str]
    finish: Callable[[str, pl.DataFrame], bytes]

    def deliver(self, ground: Ground) -> None:
        """Write every file, the manifest's lines and the truth."""
        rng: np.random.Generator = ground.world.chance(self.stream)
        groups = {int(str(n[0])): g for n, g in self.rows.group_by("period", maintain_order=True)}
        keys = [self.key] if isinstance(self.key, str) else self.key
        carry = self.rows.head(0).drop("period")
        last = len(ground.world.periods) - 1
        for number, period in enumerate(ground.world.periods):
            group = groups.get(number, self.rows.head(0)).drop("period")
            spoilt, bad = group, np.array([], np.int64)
            name = self.name(period)
            if ground.share and number < last:
                spoilt, bad = spoil(
                    group,
                    self.defects,
                    ground.share,
                    rng,
                    ground.truth,
                    self.feed,
                    name,
                    pl.concat_str(keys, separator="|"),
                )
            # a key that changed since needs no correction, and must not be put back by it
            again = carry.join(group, on=keys, how="anti")
            blob = self.finish(name, pl.concat([spoilt, again]))
            ground.folder(name.rsplit("/", 1)[0])
            (ground.manifest.out / name).write_bytes(blob)
            ground.manifest.add(self.feed, "file", period.start, period.end, name)
            carry = group[sorted(bad.tolist())]
