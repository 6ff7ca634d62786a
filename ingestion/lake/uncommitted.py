"""What deliveries of one feed have changed and no commit holds yet.

Each is planned on the stored rows with the changes of those before it laid over them, so what is
told of it is what it would be if each had been committed alone. The files are written once, in
one commit that bears the id and the counts of every delivery. A lone delivery is one of one.
"""

from __future__ import annotations

import polars as pl

from ingestion.contract.model import Contract
from ingestion.lake.lookup import located
from ingestion.lake.merge import HOME, Change, Counts, split_by_key

# A question to many small frames costs more than to one.
MOST_FRAMES = 16


class Uncommitted:
    """Changes in the order of their deliveries.

    `counts` has an entry for every delivery with rows, `versions` what each said anew. `rows_n` is
    what is held in memory: a row that is changed again is held twice until the commit.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._keyed: list[pl.DataFrame] = []  # located; of a key the last row is in force
        self._others: list[pl.DataFrame] = []  # rows without a key: only ever new
        self.counts: dict[str, Counts] = {}
        self.versions: dict[str, pl.DataFrame] = {}
        self.rows_n = 0

    def take(self, delivery_id: str, change: Change) -> None:
        """Hold what a delivery changes."""
        keyed, others = split_by_key(self._contract, change.inserts)
        if keyed.height or change.updates.height:
            new = keyed.with_columns(pl.lit(None, pl.String).alias(HOME))
            self._keyed.append(pl.concat([new, change.updates]))
            if len(self._keyed) > MOST_FRAMES:
                self._keyed = [self._in_force().rechunk()]
            self.rows_n += keyed.height + change.updates.height
        self._hold(others)
        if change.versions is not None and self._contract.history:
            self.versions[delivery_id] = change.versions
        self.counts[delivery_id] = change.counts

    def append(self, delivery_id: str, rows: pl.DataFrame) -> None:
        """Hold rows that nothing stored can meet."""
        self.counts[delivery_id] = Counts(inserted=rows.height)
        self._hold(rows)

    def _hold(self, rows: pl.DataFrame) -> None:
        if rows.height:
            self._others.append(rows)
            self.rows_n += rows.height

    def _in_force(self, keys: pl.DataFrame | None = None) -> pl.DataFrame:
        """The last row of each key, of the wanted `keys` or of all."""
        key = list(self._contract.key)
        rows = pl.concat(self._keyed)
        if keys is not None:
            rows = rows.join(keys.select(key), on=key, how="semi", maintain_order="left")
        if len(self._keyed) == 1:
            return rows
        return rows.unique(subset=key, keep="last", maintain_order=True)

    def over(self, stored: pl.DataFrame, keys: pl.DataFrame | None = None) -> pl.DataFrame:
        """Stored rows with a key (located), of the wanted `keys` or of all, as they will be."""
        if not self._keyed:
            return stored
        mine = self._in_force(keys)
        if not mine.height:
            return stored
        key = list(self._contract.key)
        return pl.concat([stored.join(mine.select(key), on=key, how="anti"), mine])

    def beside(self, stored: pl.DataFrame) -> pl.DataFrame:
        """Stored rows without a key, and those that will be."""
        columns = [c for c in stored.columns if c != HOME]
        return pl.concat([stored.select(columns), *self._others])

    def whole(self) -> Change:
        """All of it as one change."""
        empty = pl.DataFrame(schema=located(self._contract))
        keyed = self._in_force() if self._keyed else empty
        new = pl.col(HOME).is_null()
        inserts = pl.concat([keyed.filter(new).drop(HOME), *self._others])
        return Change(inserts, keyed.filter(~new), Counts())
