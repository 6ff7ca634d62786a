"""A lake on a disk of this machine: a path of the standard library that knows a little more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import PosixPath
from typing import TYPE_CHECKING, ClassVar

from ingestion.durable import settle
from ingestion.store import apart
from ingestion.store.location import Seen, Written, write_parquet

if TYPE_CHECKING:
    import duckdb
    import polars as pl


class OnDisk(PosixPath):
    """A folder or file of this machine."""

    settled: ClassVar[bool] = False

    def names(self) -> Iterator[str]:
        if self.is_dir():
            with os.scandir(self) as found:
                yield from (entry.name for entry in found)

    def below(self) -> Iterator[tuple[str, Seen]]:
        for file in sorted(self.rglob("*")):
            if file.is_file() and (found := file.seen()):
                yield file.relative_to(self).as_posix(), found

    def sizes(self, names: Iterable[str]) -> Iterator[int | None]:
        for name in names:
            try:
                yield (self / name).stat().st_size
            except FileNotFoundError:
                yield None

    def seen(self) -> Seen | None:
        try:
            found = self.stat()
        except FileNotFoundError:
            return None
        return Seen(found.st_size, (found.st_ino, found.st_mtime_ns))

    def put(self, frame: pl.DataFrame) -> Written:
        self.parent.mkdir(parents=True, exist_ok=True)
        with self.open("wb") as file:
            write_parquet(frame, file)
            file.flush()
            os.fsync(file.fileno())
        found = self.stat()
        return Written(found.st_size, found.st_mtime_ns // 1_000_000)

    def settle(self) -> None:
        settle(self)

    def prepare(self) -> None:
        self.mkdir(parents=True, exist_ok=True)

    def delta_options(self) -> None:
        return None

    def polars_options(self) -> None:
        return None

    def let_in(self, con: duckdb.DuckDBPyConnection) -> None:
        """DuckDB reads files by itself."""

    def keeps_commits(self) -> str:
        from obstore.store import LocalStore

        self.prepare()
        apart.keeps_both(LocalStore(str(self)), str(self))
        return apart.KEPT

    def reach(self) -> str:
        return f"{self}, on this machine"
