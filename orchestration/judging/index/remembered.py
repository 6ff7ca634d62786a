"""Intervals of months that are as they were, from the run before.

A thousand draws of each of some thirty months and two cards are most of what the index costs, and
all but the newest month were drawn yesterday from the same numbers with the same seed. A spread is
kept by a digest of everything it follows from: the version, each item's posterior, the weights, the
seed, the code that draws and the library's version. What cannot be read is drawn again.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ingestion.delivery.receipt import write_whole
from orchestration.judging.index.carried import Carried
from orchestration.judging.index.draws import Spread
from orchestration.judging.index.framework import Version
from orchestration.judging.posterior import Floats

log = logging.getLogger("fengqiao.index")
_HERE = Path(__file__).parent
_DRAWN_BY = ("draws.py", "scoring.py", "carried.py", "../medians.py")


@cache
def _code() -> bytes:
    parts = [(_HERE / name).read_bytes() for name in _DRAWN_BY]
    return b"\0".join([np.__version__.encode(), *parts])


def digest(
    version: Version,
    carried: list[Carried],
    month: int,
    weights: Floats,
    scored: np.ndarray,
    limits: tuple[float, float],
    seed: int,
) -> str:
    """Everything a spread follows from (the arguments of `draws.spread`), as one name."""
    found = hashlib.sha256(_code())
    for part in _parts(version, carried, month):
        found.update(part + b"\0")
    for array in (weights, scored):
        found.update(_bytes(array))
    found.update(repr((limits, seed)).encode())
    return found.hexdigest()


def _parts(version: Version, carried: list[Carried], month: int) -> Iterator[bytes]:
    for field in fields(version):
        value = getattr(version, field.name)
        yield _bytes(value) if isinstance(value, np.ndarray) else repr(value).encode()
    for one in carried:
        yield one.item.measure.encode()
        yield _bytes(one.pick[:, month])
        if one.own.curve is not None:
            yield _bytes(one.own.curve[:, month])
        else:
            yield from (_bytes(one.stacked(n)[:, month]) for n in ("first", "second"))


def _bytes(array: np.ndarray) -> bytes:
    return f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes()


class Remembered:
    """Spreads by their digest: those of the run before, and those this run has used."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._before = _read(file) if file is not None else {}
        self._used: dict[str, np.ndarray] = {}

    def of(self, name: str, draw: Callable[[], Spread]) -> Spread:
        """The spread of that digest, drawn if it is not known."""
        known = self._before.get(name)
        if known is None or known.ndim != 2 or len(known) != len(Spread._fields):
            known = np.stack(draw())
        self._used[name] = known
        return Spread(*known)

    def keep(self) -> None:
        """Write what this run has used, in the place of what was there."""
        if self._file is None or self._used.keys() == self._before.keys():
            return
        written = io.BytesIO()
        np.savez(written, allow_pickle=False, **self._used)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._file, written.getvalue())


def _read(file: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as found:
            return dict(found)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        log.warning("%s cannot be read, the intervals are drawn again: %s", file.name, error)
        return {}
