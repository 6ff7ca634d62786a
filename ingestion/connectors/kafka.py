"""Kafka topics, read by explicit position and never by what a group remembers.

Partitions are assigned, not subscribed to: no rebalance can move one while we read it. A read
ends at the offset that was the newest when it began, so a run always ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson
from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from ingestion.connectors.source import SourceUnavailable, credential, unavailable
from ingestion.connectors.stream import (
    BATCH_MESSAGES,
    Batch,
    Failures,
    begin,
    delivery,
    positions,
    topic_of,
)
from ingestion.contract.model import Contract
from ingestion.delivery.received import Received

log = logging.getLogger("fengqiao.kafka")
TIMEOUT_SECONDS = 30.0
_FETCH = 10_000


def _consumer(contract: Contract, brokers: str) -> Consumer:
    options = contract.server.options
    secret = credential(contract, options["credential"]) if options.get("credential") else {}
    return Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": options["group"],
            "enable.auto.commit": False,
            # A position that the broker no longer holds must be an error, never another place.
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            # We read what is there already; a fetch that waits for more delays the next position.
            "fetch.wait.max.ms": 10,
            **secret,
        },
        logger=logging.getLogger("fengqiao.kafka.client"),
    )


def _text(raw: bytes | None) -> str | None:
    """Bytes that are no text cost their message at conformance; one message is one line."""
    if raw is None:
        return None
    return raw.decode("utf-8", "replace").replace("\r", " ").replace("\n", " ")


def _line(message: Message) -> bytes:
    return orjson.dumps(
        {
            "offset": message.offset(),
            "timestamp": message.timestamp()[1],
            "key": _text(message.key()),
            "value": _text(message.value()),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


class _Partition:
    """One partition from a position to the newest offset at the time of asking."""

    def __init__(self, contract: Contract, consumer: Consumer, partition: int) -> None:
        self._contract, self._consumer, self.partition = contract, consumer, partition
        self._topic = topic_of(contract)

    def _where(self, offset: int) -> TopicPartition:
        return TopicPartition(self._topic, self.partition, offset)

    def _read(self, start: int, end: int) -> list[Message]:
        """Messages from `start`, at most a batch, before `end`."""
        self._consumer.assign([self._where(start)])
        messages: list[Message] = []
        idle, at = 0.0, start
        while at < end and len(messages) < BATCH_MESSAGES:
            # No more than is there: the library waits its time out for what it was asked for.
            wanted = min(_FETCH, BATCH_MESSAGES - len(messages), end - at)
            came = self._consumer.consume(wanted, timeout=1.0)
            # A broker that is away sends errors, and those are silence too.
            idle = 0.0 if any(m.error() is None for m in came) else idle + 1.0
            if idle >= TIMEOUT_SECONDS:
                raise unavailable(self._contract, f"{self._topic}: the broker is silent")
            for message in came:
                error = message.error()
                if error is None:
                    at = (message.offset() or 0) + 1
                    if at <= end:
                        messages.append(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    at = end  # behind the last message there may be marks of transactions only
                elif not error.retriable() and error.code() not in (
                    KafkaError._TRANSPORT,
                    KafkaError._ALL_BROKERS_DOWN,
                ):
                    raise unavailable(self._contract, f"{self._topic}: {error.name()}")
        return messages

    def batches(self, known: int | None) -> Iterator[Batch]:
        """Everything up to the newest message, batch by batch."""
        low, high = self._consumer.get_watermark_offsets(self._where(0), timeout=TIMEOUT_SECONDS)
        at = begin(self._contract, self.partition, known, low, high)
        while at < high:
            messages = self._read(at, high)
            if not messages:
                return
            first, last = messages[0], messages[-1]
            begins, ends = first.offset() or 0, last.offset() or 0
            content = b"".join(map(_line, messages))
            yield Batch(
                self.partition,
                begins,
                ends,
                first.timestamp()[1],
                last.timestamp()[1],
                content,
            )
            at = ends + 1

    def commit(self, offset: int) -> Callable[[], None]:
        """Tell the group where we are; that it cannot be told changes nothing."""

        def tell() -> None:
            try:
                self._consumer.commit(offsets=[self._where(offset)], asynchronous=False)
            except (KafkaException, RuntimeError) as error:
                log.warning(
                    "feed:%s: the group was not told the position: %s",
                    self._contract.code,
                    type(error).__name__,
                )

        return tell


def _partitions(contract: Contract, consumer: Consumer) -> list[int]:
    topic: Any = consumer.list_topics(topic_of(contract), timeout=TIMEOUT_SECONDS).topics[
        topic_of(contract)
    ]
    if topic.error is not None:
        raise unavailable(contract, f"{topic_of(contract)}: {topic.error.name()}")
    return sorted(topic.partitions)


def pending(contract: Contract, location: str, as_of: datetime) -> Iterator[Received]:
    """Every message that has no receipt, partition by partition, in order."""
    known, failures = positions(contract), Failures()
    consumer = _consumer(contract, location.removeprefix("kafka://"))
    try:
        for number in _partitions(contract, consumer):
            part = _Partition(contract, consumer, number)
            try:
                for batch in part.batches(known.get(number)):
                    yield delivery(contract, batch, as_of, part.commit(batch.last + 1))
            except SourceUnavailable as error:
                failures.note(error)
    except KafkaException as error:
        raise unavailable(contract, f"{topic_of(contract)}: {error.args[0].name()}") from error
    finally:
        consumer.close()
    failures.tell()
