"""A pull that was killed is finished as it was, whatever the source says afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import clock, connectors
from ingestion.connectors import SourceUnavailable
from ingestion.contract import Contract
from ingestion.delivery import deliver, spool
from ingestion.delivery.decrypted import BadCiphertext
from ingestion.delivery.received import from_bytes
from ingestion.lake.logs import read_log
from tests.connectors.feeds import AS_OF, content, feed, numbers, receipts_n, row, secret, spooled
from tests.connectors.feeds import take as take_in
from tests.connectors.test_http import PAGING, SIZE, Agency
from tests.ingestion.handover import stored
from tests.loopback import serving

DAY = AS_OF.replace(day=2)
STEPS = ("archived", "workbook", "quarantine", "data", "outbox", "receipt")


@pytest.fixture
def contract(home: Path, tmp_path: Path) -> Contract:
    secret("agency-key", {"value": "open sesame"})
    return feed(
        tmp_path,
        "api",
        "${AGENCY_API}/api/rows",
        paging={"style": "page", "page_size": SIZE, **PAGING["page"]},
        window={"from": "since", "to": "until"},
        auth={"style": "header", "header": "X-Api-Key", "credential": "agency-key"},
    )


def killed(contract: Contract, at: str) -> None:
    def dies(step: str) -> None:
        if step == at:
            raise KeyboardInterrupt

    with clock.at(DAY), pytest.raises(KeyboardInterrupt):
        deliver(next(iter(connectors.pending(contract, DAY))), dies)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_and_a_source_that_changes_leave_no_row_without_a_receipt(
    contract: Contract, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    agency = Agency(rows=[row(n) for n in range(5)])
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        killed(contract, step)
        assert len(spooled(contract)) == 1
        agency.rows = [row(n) for n in range(3, 8)]
        receipts = take_in(contract, DAY)
    assert [(r.rows_n, r.inserted_n + r.unchanged_n) for r in receipts] == [(5, 5)]
    assert numbers(contract) == list(range(5))
    assert receipts_n(contract) == 1
    known = set(read_log("o01_delivery_log")["delivery_id"])
    assert set(stored(contract)["_delivery_id"]) <= known


def test_the_pull_is_finished_even_while_the_source_is_away(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Agency(rows=[row(1)]).app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        killed(contract, "data")
    monkeypatch.delenv("AGENCY_API")
    assert [r.rows_n for r in take_in(contract, DAY)] == [1]


def test_the_spool_holds_ciphertext_only_and_notices_what_was_changed(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = Agency(rows=[row(1, words="赵匿名 13900000000")])
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        killed(contract, "archived")
    (path,) = spooled(contract)
    whole = path.read_bytes()
    for clear in ("赵匿名", "13900000000", "r00001", contract.owner_org_code or ""):
        assert clear.encode("utf-8") not in whole
    path.write_bytes(whole[:-1])
    with pytest.raises(BadCiphertext), next(spool.unfinished(contract)).open() as source:
        source.read()


def test_a_source_that_breaks_off_leaves_nothing_in_the_spool(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingestion.delivery.received import from_bytes

    class Broken:
        def __enter__(self) -> Broken:
            return self

        def __exit__(self, *_: object) -> None: ...

        def read(self, _size: int = -1) -> bytes:
            raise SourceUnavailable("away")

    from dataclasses import replace

    received = from_bytes(contract, b"", DAY.date(), DAY.date(), "x.ndjson")
    with pytest.raises(SourceUnavailable, match=r"^away$"):
        spool.keep(replace(received, open=Broken))  # type: ignore[arg-type,return-value]
    assert spooled(contract) == []
    assert content(contract).height == 0


def test_two_pulls_of_one_name_wait_in_their_order_and_none_that_is_in_hand(
    contract: Contract,
) -> None:
    first, second = (
        spool.keep(from_bytes(contract, text, DAY.date(), DAY.date(), "T01.ndjson"))
        for text in (b"first", b"second")
    )
    assert [r.open().read() for r in spool.unfinished(contract)] == [b"first", b"second"]
    assert not list(spool.unfinished(contract, {first.file_name}))
    yesterday = DAY.replace(day=1)
    assert not list(connectors.pending(contract, yesterday))  # it had not come by then
    assert first.acknowledge is not None and second.acknowledge is not None
    first.acknowledge()
    assert [r.open().read() for r in spool.unfinished(contract)] == [b"second"]
    second.acknowledge()
    assert not spooled(contract)
