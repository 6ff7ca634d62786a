"""A feed with two ways in: an interface that is owed, and files of towns that have no terminal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion import clock, places
from ingestion.connectors import SourceUnavailable, inbox, pending
from ingestion.connectors.source import missing_periods
from ingestion.contract import Contract
from ingestion.contract.rules import ContractError
from ingestion.delivery import archive, deliver, retention
from ingestion.delivery.deliver import Batch
from ingestion.delivery.receipt import Receipt
from ingestion.lake.logs import read_log
from orchestration.alert import deliveries
from orchestration.run import history, rehearse
from tests.connectors.feeds import AS_OF, feed, numbers, row, secret, server, take
from tests.connectors.test_http import Agency
from tests.connectors.test_http import contract as by_interface
from tests.connectors.test_inbox import csv, lay
from tests.loopback import serving

TOWNS = ["330604200000", "330604201000"]
DAY = AS_OF.replace(day=2)


def towns(**change: Any) -> dict[str, Any]:
    options = {
        "file_pattern": "T01_{sender}_{period}.csv",
        "encoding": "utf-8",
        "senders": TOWNS,
        "region_code": "330604",
    }
    return server("local", "inbox/T01/", "csv", {**options, **change})


@pytest.fixture
def contract(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contract:
    secret("agency-key", {"value": "open sesame"})
    made = by_interface(tmp_path, "page", also=[towns()])
    monkeypatch.setattr(deliveries, "load_all", lambda: {made.code: made})
    monkeypatch.setattr("ingestion.lake.views.load_all", lambda: {made.code: made})
    monkeypatch.setattr(rehearse, "load", lambda _code: made)
    return made


def both(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of the interface and the same day of two towns."""
    for town, number in zip(TOWNS, (101, 102), strict=True):
        lay(f"T01_{town}_20260101.csv", csv(number))
    with serving(Agency().app()) as address:
        monkeypatch.setenv("AGENCY_API", address)
        assert sorted(r.rows_n or 0 for r in take(contract, DAY)) == [1, 1, 25]


def test_both_ways_end_in_one_table(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    both(contract, monkeypatch)
    assert numbers(contract) == [*range(25), 101, 102]
    log = read_log("o01_delivery_log").sort("sender")
    assert log["sender"].to_list() == [contract.owner_org_code, *TOWNS]
    assert log["region_code"].to_list() == ["330600", "330604", "330604"]
    assert log["due_time"].is_null().to_list() == [False, True, True]


def test_a_file_in_hand_is_not_taken_again_while_the_interface_is_asked(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deliveries that end together: the town's file lies in the inbox until its receipt."""
    lay(name := f"T01_{TOWNS[0]}_20260101.csv", csv(101))
    made: list[Receipt] = []
    with (
        serving(Agency().app()) as address,
        clock.at(DAY),
        Batch(contract, made.append) as batch,
    ):
        monkeypatch.setenv("AGENCY_API", address)
        batch.take(inbox.receive(contract, places.inbox() / contract.code / name))
        for received in pending(contract, DAY, batch.in_hand):
            batch.take(received)
    assert sorted(receipt.rows_n or 0 for receipt in made) == [1, 25]
    assert not any(receipt.repeated for receipt in made)


def test_the_newest_version_of_a_row_wins_whichever_way_it_came(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    both(contract, monkeypatch)
    later = row(3, words="later", at="2026-01-01 23:00:00")
    lines = [",".join(later), ",".join(str(v) for v in later.values())]
    lay(f"T01_{TOWNS[0]}_20260102.csv", "\n".join(lines).encode())
    monkeypatch.delenv("AGENCY_API")
    (receipt,) = take(contract, AS_OF)
    assert (receipt.updated_n, receipt.inserted_n) == (1, 0)


def test_a_towns_file_never_stands_for_what_is_owed(contract: Contract) -> None:
    lay(f"T01_{TOWNS[0]}_20260101.csv", csv(1))
    lay(f"T01_{TOWNS[1]}_20260101.csv", csv(2))
    assert len(take(contract, DAY)) == 2
    assert [p.period_end.day for p in missing_periods(contract, DAY)] == [1]
    states = deliveries.delivery_states(DAY).sort("due_sender")
    assert states["is_due"].to_list() == [True, False, False]
    assert states["status"].to_list() == ["3", "1", "1"]
    assert states["due_sender"].to_list() == ["", *TOWNS]


def test_files_are_taken_while_the_interface_is_away(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENCY_API", "http://127.0.0.1:9")
    lay(f"T01_{TOWNS[0]}_20260101.csv", csv(1, 2))
    with clock.at(DAY), pytest.raises(SourceUnavailable):
        for received in pending(contract, DAY):
            deliver(received)
    assert numbers(contract) == [1, 2]


def test_who_is_not_named_is_refused(contract: Contract) -> None:
    lay("T01_330604001000_20260101.csv", csv(1))
    lay("notes.csv", csv(2))
    assert [r.refusal for r in take(contract, DAY)] == [
        "file_name: 报送单位 330604001000 不在合同声明之内",
        "file_name: 文件名不符合约定（T01_{sender}_{period}.csv）",
    ]


def test_what_a_town_sent_is_replayed_shown_and_deleted_after_its_days(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    both(contract, monkeypatch)
    first = read_log("o01_delivery_log", sender=TOWNS[0]).row(0, named=True)
    with clock.at(AS_OF):
        again = rehearse.again(first["delivery_id"], None)
        assert (again.sender, again.rows_n, again.unchanged_n) == (TOWNS[0], 1, 1)
        assert history.history(contract, 5).state["also"] == [
            "inbox inbox/T01/T01_{sender}_{period}.csv"
        ]
    kept = read_log("o01_delivery_log").select("delivery_id", "sender").rows()
    forms = {contract.sent_by(s).server.format for _, s in kept}
    files = [p for d, _ in kept for f in forms if (p := archive.path_of("T01", d, f)).exists()]
    assert forms == {"csv", "json"} and len(files) == len(kept) == 4
    assert retention.expire(contract, AS_OF + timedelta(days=31)) == 4
    assert not any(p.exists() for p in files)


@pytest.mark.parametrize(
    ("also", "said"),
    [
        ([towns(senders=[])], "a second server is an inbox with `senders`"),
        ([towns(file_pattern="T01_{period}.csv")], "a file_pattern with"),
        ([server("sftp", "sftp://x/y", "csv", {"file_pattern": "{sender}"})], "is an inbox"),
        ([towns(), towns()], "at most one inbox"),
        ([towns(region_code="330600")], "of another region_code"),
    ],
)
def test_a_way_nobody_could_tell_apart_is_no_contract(
    tmp_path: Path, also: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ContractError, match=said):
        feed(tmp_path, "api", "x", also=also)
