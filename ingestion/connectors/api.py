"""A paged JSON API as deliveries: one per period of the contract's calendar.

The contract says how it pages and how it lets us in; the credential is named there and lies in
the secrets. A read counts only when every page of one state of the source came: a total that
changes, a repeated or a short page, a cursor that turns in a circle, starts the read again; and
several pages count only when two reads in a row agree, because a row that leaves while another
enters keeps the total and hides a third between two pages. Where the source marks its pages
(ETag), the second read asks only whether they still hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from ingestion.connectors.body import OtherShape
from ingestion.connectors.paging import Rows, Torn, read_pages, repeats, same
from ingestion.connectors.session import Parameters, Session
from ingestion.connectors.source import (
    SourceUnavailable,
    address,
    file_name,
    missing_periods,
    unavailable,
)
from ingestion.contract.model import Contract, DuePeriod
from ingestion.delivery.received import Received, from_bytes

READS = 4
__all__ = ["Client", "SourceUnavailable", "pending"]


class Client:
    """One API; `read` gives a period whole."""

    def __init__(self, contract: Contract) -> None:
        self._contract, self._session = contract, Session(contract)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def _window(self, period: DuePeriod) -> Parameters:
        names = self._contract.server.options["window"]
        begin = datetime.combine(period.period_start, time())
        end = datetime.combine(period.period_end + timedelta(days=1), time())
        return {names["from"]: begin.isoformat(), names["to"]: end.isoformat()}

    def read(self, period: DuePeriod) -> bytes:
        """All records of a period as NDJSON, in the order of the source."""
        paging = self._contract.server.options["paging"]
        window = self._window(period)
        self._session.forget()
        before: Rows | None = None
        for _ in range(READS):
            try:
                rows, pages, is_counted = read_pages(self._contract, self._session, window)
            except (Torn, OtherShape):
                before = None
                continue
            # A cursor over a state that the source keeps for us needs no second look.
            if pages > 1 and not paging.get("snapshot") and not same(rows, before):
                before = rows
                continue
            before = None
            if pages > 1 and is_counted and self._contract.key and repeats(rows):
                continue  # a row that came twice took the place of one that never came
            return b"".join(row + b"\n" for row in rows)
        raise unavailable(
            self._contract,
            f"the pages of {period.period_start} to {period.period_end} never made one whole",
        )


def pending(contract: Contract, as_of: datetime) -> Iterator[Received]:
    """One delivery per missing period, read from the source when its turn comes."""
    periods = missing_periods(contract, as_of) if address(contract) else []
    if not periods:
        return
    with Client(contract) as client:
        for period in periods:
            yield from_bytes(
                contract,
                client.read(period),
                period.period_start,
                period.period_end,
                file_name(contract, period),
            )
