"""Ahead in a stream: the next batch is made while the last one is being written, or the first are
looked at before it is decided where they go."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextvars import copy_context
from typing import TypeVar

import polars as pl

DEPTH = 2
WAIT_SECONDS = 0.2
T = TypeVar("T")


def ahead(items: Iterator[T], depth: int = DEPTH) -> Iterator[T]:
    """The items of an iterator that runs in a thread of its own, at most `depth` items ahead.

    Its exception is raised here, in its place. A consumer that stops early stops the thread at
    the next item.
    """
    waiting: queue.Queue[tuple[str, T | None, BaseException | None]] = queue.Queue(depth)
    stopped = threading.Event()

    def put(entry: tuple[str, T | None, BaseException | None]) -> bool:
        while not stopped.is_set():
            try:
                waiting.put(entry, timeout=WAIT_SECONDS)
                return True
            except queue.Full:
                continue
        return False

    def run() -> None:
        try:
            for item in items:
                if not put(("item", item, None)):
                    return
            put(("end", None, None))
        except BaseException as error:
            put(("error", None, error))

    # The clock of a replay is a context variable; the thread must see the same moment.
    thread = threading.Thread(target=copy_context().run, args=(run,), daemon=True)
    thread.start()
    try:
        while True:
            kind, item, error = waiting.get()
            if error is not None:
                raise error
            if kind == "end":
                return
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()


def up_to(rows: int, parts: Iterator[pl.DataFrame]) -> tuple[list[pl.DataFrame], bool]:
    """Parts up to a number of rows, and whether those were all."""
    held, rows_n = [], 0
    for part in parts:
        held.append(part)
        rows_n += part.height
        if rows_n > rows:
            return held, False
    return held, True
