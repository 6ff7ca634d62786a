"""A stream: each message once, whoever rebalances, restarts, expires or is killed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from ingestion import clock, connectors
from ingestion.connectors import SourceUnavailable, kafka, recorded, stream
from ingestion.contract import Contract
from ingestion.delivery import deliver
from ingestion.lake.logs import read_log
from tests.connectors.feeds import AS_OF, feed, numbers, receipts_n, row, spooled, take

SENT_MS = int(datetime(2026, 1, 1, 10, tzinfo=clock.LOCAL).timestamp() * 1000)


class Broker:
    """librdkafka's own cluster, which speaks the protocol; a topic for each test."""

    def __init__(self) -> None:
        quiet = logging.getLogger("tests.broker")
        quiet.addHandler(logging.NullHandler())
        quiet.propagate = False
        self.producer = Producer(
            {
                "bootstrap.servers": "",
                "test.mock.num.brokers": 1,
                "queue.buffering.max.ms": 1,
            },
            logger=quiet,
        )
        brokers = self.producer.list_topics(timeout=10).brokers.values()
        self.address = ",".join(f"{b.host}:{b.port}" for b in brokers)
        self.topics = 0

    def topic(self) -> str:
        self.topics += 1
        name = f"agency.rows.v{self.topics}"
        self.producer.list_topics(name, timeout=10)  # asking makes it
        return name

    def send(self, topic: str, records: list[Any], partition: int = 0, ms: int = SENT_MS) -> None:
        for record in records:
            known = isinstance(record, dict)
            value = json.dumps(record, ensure_ascii=False).encode() if known else record
            key = record["id"].encode() if known else b"r00001"
            self.producer.produce(topic, value, key, partition, timestamp=ms)
        assert self.producer.flush(20) == 0


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    yield Broker()


@pytest.fixture
def topic(broker: Broker, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AGENCY_STREAMS", f"kafka://{broker.address}")
    return broker.topic()


def contract(folder: Path, topic: str, **options: Any) -> Contract:
    return feed(folder, "kafka", "${AGENCY_STREAMS}", topic=topic, group="fengqiao", **options)


def files(feed_: Contract) -> list[str]:
    log = read_log("o01_delivery_log", feed_code=feed_.code)
    return sorted(log["file_name"].to_list())


def test_each_message_arrives_once_in_batches_by_partition(
    broker: Broker, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "BATCH_MESSAGES", 40)
    feed_ = contract(tmp_path, topic)
    broker.send(topic, [row(n) for n in range(100)])
    broker.send(topic, [row(n) for n in range(100, 130)], partition=1)
    receipts = take(feed_)
    assert [r.inserted_n for r in receipts] == [40, 40, 20, 30]
    assert files(feed_) == [
        f"T01_{topic}_0_0-39.ndjson",
        f"T01_{topic}_0_40-79.ndjson",
        f"T01_{topic}_0_80-99.ndjson",
        f"T01_{topic}_1_0-29.ndjson",
    ]
    assert {(r.period_start.isoformat(), r.period_end.isoformat()) for r in receipts} == {
        ("2026-01-01", "2026-01-01")
    }
    assert take(feed_) == []
    broker.send(topic, [row(130)])
    assert [r.file_name for r in take(feed_)] == [f"T01_{topic}_0_100-100.ndjson"]
    assert numbers(feed_) == list(range(131))


def test_the_group_is_told_where_we_are_and_its_memory_is_never_believed(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    feed_ = contract(tmp_path, topic)
    broker.send(topic, [row(n) for n in range(10)])
    take(feed_)
    watcher = Consumer({"bootstrap.servers": broker.address, "group.id": "fengqiao"})
    (told,) = watcher.committed([TopicPartition(topic, 0)], timeout=10)
    assert told.offset == 10
    for wrong in (3, 15):  # somebody moves the group back, and ahead
        watcher.commit(offsets=[TopicPartition(topic, 0, wrong)], asynchronous=False)
        broker.send(topic, [row(n) for n in range(100 + wrong, 105 + wrong)])
        assert [r.rows_n for r in take(feed_)] == [5]
    watcher.close()
    assert len(numbers(feed_)) == 20


def test_a_rebalance_in_mid_read_neither_loses_nor_doubles(
    broker: Broker, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "BATCH_MESSAGES", 10)
    feed_ = contract(tmp_path, topic)
    broker.send(topic, [row(n) for n in range(30)])
    broker.send(topic, [row(n) for n in range(30, 60)], partition=1)
    second = Consumer(
        {
            "bootstrap.servers": broker.address,
            "group.id": "fengqiao",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": True,
            "auto.commit.interval.ms": 100,
        }
    )
    with clock.at(AS_OF):
        receipts = []
        for number, received in enumerate(connectors.pending(feed_, AS_OF)):
            receipts.append(deliver(received))
            if number == 1:  # it joins, is given every partition, reads the rest and commits
                second.subscribe([topic])
                taken = 0
                while taken < 40:
                    taken += len(second.consume(60, timeout=0.2))
            if number == 4:
                second.close()
    assert sum(r.inserted_n for r in receipts) == 60
    assert take(feed_) == []
    assert numbers(feed_) == list(range(60))


def test_messages_that_expired_unread_stop_their_partition_loudly_and_only_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = record(tmp_path / "streams", "t", {0: [row(n) for n in range(10)]})
    monkeypatch.setenv("AGENCY_STREAMS", f"file://{folder}")
    take(contract(tmp_path, "t"))
    (folder / "t" / "0" / "000000000000.ndjson").unlink()
    record(folder, "t", {0: [row(n) for n in range(15, 20)]}, first=15)
    record(folder, "t", {1: [row(n) for n in range(50, 55)]})
    with pytest.raises(SourceUnavailable, match="t partition 0: messages 10 to 14 are gone"):
        take(contract(tmp_path, "t"))
    assert numbers(contract(tmp_path, "t")) == [*range(10), *range(50, 55)]
    take(contract(tmp_path, "t", resume_at={"0": 15}))
    assert numbers(contract(tmp_path, "t")) == [*range(10), *range(15, 20), *range(50, 55)]


def test_a_broker_whose_oldest_message_is_past_ours_is_a_loss_that_is_told(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    feed_ = contract(tmp_path, topic)
    with pytest.raises(SourceUnavailable, match=f"{topic} partition 0: messages 7 to 11 are gone"):
        stream.begin(feed_, 0, 7, 12, 20)
    broker.send(topic, [row(n) for n in range(5)])
    take(feed_)
    # The topic is made anew: it ends before the position that our receipts hold.
    anew = contract(tmp_path, topic, resume_at={"0": 9})
    with pytest.raises(SourceUnavailable, match="ends at 5, 9 was expected"):
        take(anew)


def test_what_is_no_message_costs_itself_only(broker: Broker, topic: str, tmp_path: Path) -> None:
    feed_ = contract(tmp_path, topic)
    pretty = json.dumps(row(2), indent=2).encode()
    broker.send(topic, [row(1), pretty, b'{"id": "r3", "n": \xff\xfe}', b"not json", row(5)])
    (receipt,) = take(feed_)
    assert (receipt.rows_n, receipt.inserted_n, receipt.quarantined_n) == (5, 3, 2)
    assert numbers(feed_) == [1, 2, 5]


def test_a_null_value_is_archived_as_a_tombstone(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    feed_ = contract(tmp_path, topic)
    broker.send(topic, [row(1), None])
    with clock.at(AS_OF):
        (received,) = connectors.pending(feed_, AS_OF)
        lines = [json.loads(line) for line in received.open().read().splitlines()]
    assert (received.sequence, lines[1]["value"]) == (f"{topic}/0/0-1", None)
    assert [(line["offset"], line["key"]) for line in lines] == [(0, "r00001"), (1, "r00001")]
    assert lines[0]["timestamp"] == SENT_MS


def test_a_batch_killed_before_its_receipt_is_finished_as_it_was(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    feed_ = contract(tmp_path, topic)
    broker.send(topic, [row(n) for n in range(10)])
    with clock.at(AS_OF):
        received = next(iter(connectors.pending(feed_, AS_OF)))

        def dies(step: str) -> None:
            if step == "data":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            deliver(received, dies)
    assert (receipts_n(feed_), len(spooled(feed_))) == (0, 1)
    broker.send(topic, [row(n) for n in range(10, 15)])  # a fresh read would be 0-14
    assert [r.file_name for r in take(feed_)] == [
        f"T01_{topic}_0_0-9.ndjson",
        f"T01_{topic}_0_10-14.ndjson",
    ]
    assert numbers(feed_) == list(range(15))


def test_a_broker_that_is_not_there_is_told(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "TIMEOUT_SECONDS", 1.0)
    monkeypatch.setenv("AGENCY_STREAMS", "kafka://127.0.0.1:9")
    with pytest.raises(SourceUnavailable, match="feed:T01: t: "):
        take(contract(tmp_path, "t"))


def record(
    folder: Path, topic: str, messages: dict[int, list[dict[str, Any]]], first: int = 0
) -> Path:
    """Write a recording, one file a partition; the n-th message is sent at minute n."""
    for partition, records in messages.items():
        home = folder / topic / str(partition)
        home.mkdir(parents=True, exist_ok=True)
        lines = [
            {
                "offset": first + at,
                "timestamp": SENT_MS + at * 60_000,
                "key": made["id"],
                "value": json.dumps(made, ensure_ascii=False),
            }
            for at, made in enumerate(records)
        ]
        text = "".join(
            json.dumps(x, ensure_ascii=False, separators=(",", ":")) + "\n" for x in lines
        )
        (home / f"{first:012d}.ndjson").write_text(text, "utf-8")
    return folder


def test_a_recording_gives_what_the_broker_gives(
    broker: Broker, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(n) for n in range(25)]
    for at, made in enumerate(rows):
        broker.send(topic, [made], ms=SENT_MS + at * 60_000)
    folder = record(tmp_path / "streams", topic, {0: rows[:10]})
    record(folder, topic, {0: rows[10:]}, first=10)
    second = [json.loads(x) for x in (folder / topic / "0" / "000000000010.ndjson").open()]
    shifted = [{**x, "timestamp": x["timestamp"] + 600_000} for x in second]
    (folder / topic / "0" / "000000000010.ndjson").write_text(
        "".join(json.dumps(x, ensure_ascii=False, separators=(",", ":")) + "\n" for x in shifted)
    )
    monkeypatch.setattr(kafka, "BATCH_MESSAGES", 12)
    monkeypatch.setattr(recorded, "BATCH_MESSAGES", 12)
    feed_, seen = contract(tmp_path, topic), []
    for source, location in (
        (kafka, f"kafka://{broker.address}"),
        (recorded, f"file://{folder}"),
    ):
        seen.append(
            [
                (r.file_name, r.sequence, r.period_start, r.period_end, r.open().read())
                for r in source.pending(feed_, location, AS_OF)
            ]
        )
    assert seen[0] == seen[1] and len(seen[0]) == 3


def test_a_recording_ends_at_the_clock(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = record(tmp_path / "streams", "t", {0: [row(n) for n in range(30)]})
    monkeypatch.setenv("AGENCY_STREAMS", f"file://{folder}")
    feed_ = contract(tmp_path, "t")
    ten = datetime(2026, 1, 1, 10, 10, tzinfo=clock.LOCAL)
    assert [r.rows_n for r in take(feed_, ten)] == [10]
    assert take(feed_, ten) == []
    assert [r.rows_n for r in take(feed_)] == [20]
    assert numbers(feed_) == list(range(30))
