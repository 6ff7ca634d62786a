"""What every location of the lake knows, wherever it lies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    import duckdb
    import polars as pl

COMPRESSION_LEVEL, ROW_GROUP = 1, 100_000


class Misplaced(ValueError):
    """The lake's location is not one, or a variable that it needs is missing; the text names it."""


class Seen(NamedTuple):
    """A file as it is now: bytes, and what changes with its content (compared, never read)."""

    size_bytes: int
    mark: tuple[int, int]


class Written(NamedTuple):
    """A data file that outlives a crash: bytes, moment of its writing in ms since 1970."""

    size_bytes: int
    moment_ms: int


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def in_one_line(error: BaseException) -> str:
    """What an error says; those of a store come as coloured trees over many lines."""
    return " ".join(_COLOUR.sub("", str(error)).split())


class Location(Protocol):
    """A folder or file of the lake. As text it is what delta-rs, polars and DuckDB take."""

    # Whether what was written is there after a power cut without more ado.
    settled: ClassVar[bool]

    @property
    def name(self) -> str: ...

    def __truediv__(self, key: str, /) -> Self: ...

    def with_name(self, name: str, /) -> Self: ...

    def names(self) -> Iterator[str]:
        """What lies directly inside; nothing if the folder is not there."""

    def below(self) -> Iterator[tuple[str, Seen]]:
        """The files inside at any depth in their order, as paths from here."""

    def sizes(self, names: Iterable[str]) -> Iterator[int | None]:
        """Bytes of files inside, in the order of `names`; None for one that is not there."""

    def seen(self) -> Seen | None:
        """The file as it is now, or None."""

    def read_bytes(self) -> bytes: ...

    def write_bytes(self, content: bytes, /) -> Any: ...

    def put(self, frame: pl.DataFrame) -> Written:
        """Write a Parquet file, so that it is there before a commit names it."""

    def settle(self) -> None:
        """Bring a file, or a folder's entries, to the disk."""

    def prepare(self) -> None:
        """Make the folder of a table."""

    def delta_options(self) -> dict[str, str] | None:
        """What delta-rs is told beside the environment."""

    def polars_options(self) -> dict[str, Any] | None:
        """What polars is told beside the environment."""

    def let_in(self, con: duckdb.DuckDBPyConnection) -> None:
        """Let a connection of DuckDB read what lies here."""

    def keeps_commits(self) -> str:
        """A line on what two writers at once do to each other; raises `OSError` if one is lost."""

    def reach(self) -> str:
        """A line about the location; raises `OSError` if it does not answer or loses commits."""


def write_parquet(frame: pl.DataFrame, file: Any) -> None:
    """The form of every data file that we write ourselves."""
    frame.write_parquet(
        file,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        row_group_size=ROW_GROUP,
    )
