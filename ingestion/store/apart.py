"""Whether two writers keep each other's commits at a place: asked of it by doing it.

A commit of Delta is a put that must fail if the version is there. A store that overlooks the
condition (`If-None-Match: *`) answers both writers with success and keeps one commit: rows would be
gone, and nobody would be told.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ingestion.store.location import in_one_line

if TYPE_CHECKING:
    from obstore.store import ObjectStore


KEPT = "two writers at once lose nothing"


class CommitsLost(OSError):
    """The place answered two writers with success and kept one of them."""


def keeps_both(store: ObjectStore, name: str) -> None:
    """Put an object where one is, as a commit is put; it is taken away again.

    `store` is the place as the library of delta-rs sees it, `name` what errors call it. Raises
    `CommitsLost` if the second put succeeds, `OSError` if the place could not be asked.
    """
    import obstore
    from obstore.exceptions import AlreadyExistsError, BaseError

    probe = f"probe-{secrets.token_hex(8)}"
    try:
        obstore.put(store, probe, b"first", mode="create")
        try:
            obstore.put(store, probe, b"second", mode="create")
        except AlreadyExistsError:
            return
        finally:
            obstore.delete(store, probe)
    except (BaseError, NotImplementedError) as error:
        raise OSError(f"{name}: commits could not be tried: {in_one_line(error)}") from error
    raise CommitsLost(
        f"{name} overwrites a commit with another: it does not know conditional puts"
        " (If-None-Match). Rows would be lost here without a word; use another store"
    )
