"""One delivery: archive → read → quarantine → data → receipt → out of the inbox.

Each arrow is safe to repeat. Quarantine and data carry the delivery's id as transaction; the
receipt (O01) ends the delivery; only then does the file leave the inbox. A kill anywhere
leaves the last good state, and the next run finishes the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import polars as pl

from ingestion import clock, trace
from ingestion.contract.model import Contract
from ingestion.delivery import archive, reading, receipt, refusals
from ingestion.delivery.account import make_receipt, quarantine_rows, reasons
from ingestion.delivery.reading import Reading, Refused
from ingestion.delivery.receipt import Receipt
from ingestion.delivery.received import Received, delivery_id
from ingestion.draft.ready import check_decided
from ingestion.lake import commit, logs
from ingestion.lake.merge import Change, Counts
from ingestion.lake.tables import ROW_META, feed_schema, open_feed
from ingestion.receive.text import SOURCE_ROW

log = logging.getLogger("fengqiao.deliver")
Step = Callable[[str], None]


def _silent(_step: str) -> None:
    """No observer."""


def deliver(received: Received, reached: Step = _silent) -> Receipt:
    """Take one delivery in; `reached` is told each durable step (kill tests aim with it)."""
    with trace.span("delivery", feed=received.contract.code):
        made = _deliver(received, reached)
        trace.note(
            delivery=made.delivery_id, rows_in=made.rows_n, inserted=made.inserted_n,
            quarantined=made.quarantined_n, repeated=made.repeated,
        )  # fmt: skip
        if made.refusal:
            trace.fail(made.refusal.partition(":")[0])
        return made


def _deliver(received: Received, reached: Step) -> Receipt:
    check_decided(received.contract)
    streamed = received.contract.duplicate_policy == "append"
    with archive.Archiving(received, meanwhile=streamed) as archiving:
        identity = delivery_id(received, archiving.sha256)
        known = logs.read_once("o01_delivery_log", identity, delivery_id=identity)
        if known.height or not streamed:
            archiving.keep(identity)
            reached("archived")
        if known.height:
            first = receipt.from_row(known.row(0, named=True))
            if first.refusal and first.contract_version != received.contract.version:
                # The contract was mended since: what it refused is a delivery once more.
                return _deliver(received.replayed(identity), reached)
            return _again(received, first)
        try:
            _check_content(received, archiving.sha256)
            take = _append if streamed else _accept
            made = take(received, identity, archiving, reached)
        except Refused as refusal:
            archiving.keep(identity)
            made = _refuse(received, identity, archiving.sha256, refusal, reached)
    log.log(logging.WARNING if made.refusal else logging.INFO, "%s", made.words())
    return made


def _again(received: Received, first: Receipt) -> Receipt:
    """The same delivery once more: nothing changes but that the inbox is cleared."""
    receipt.publish(first, _stored_reasons(first.delivery_id))
    _leave_inbox(received)
    log.info("%s", receipt.repeated(first).words())
    return receipt.repeated(first)


def _accept(
    received: Received, identity: str, archiving: archive.Archiving, reached: Step
) -> Receipt:
    contract = received.contract
    result = reading.read(received)
    check_figures(received, result)
    rows = lake_rows(received, identity, result.rows, result.findings)
    change = _planned(contract, identity, rows, result)
    quarantine = _quarantine(received, identity, result, reached)
    counts = Counts()
    if change is not None:
        commit.keep_versions(contract, identity, change)
        reached("history")
        counts = commit.commit(contract, identity, change)
    reached("data")
    made = make_receipt(received, identity, archiving.sha256, result, counts)
    made.check()
    _end(received, made, reasons(quarantine), reached)
    return made


def _append(
    received: Received, identity: str, archiving: archive.Archiving, reached: Step
) -> Receipt:
    """A delivery of rows that only ever come new: streamed, never whole in memory.

    Archive and quarantine are written when the last row has been read, before the commit.
    """
    _check_period(received, identity)
    contract = received.contract
    reader = reading.Reader(received)
    left: list[tuple[Reading, pl.DataFrame]] = []

    def before_commit() -> None:
        archiving.keep(identity)
        reached("archived")
        result = reader.whole(pl.DataFrame())
        check_figures(received, result)
        left.append((result, _quarantine(received, identity, result, reached)))

    parts = (lake_rows(received, identity, part, reader.part_findings) for part in reader.parts())
    inserted = commit.append(contract, identity, parts, before_commit)
    reached("data")
    result, quarantine = left[0]
    made = make_receipt(received, identity, archiving.sha256, result, Counts(inserted=inserted))
    made.check()
    _end(received, made, reasons(quarantine), reached)
    return made


def _check_period(received: Received, identity: str) -> None:
    """Rows that only come new cannot be sent again in another form: nothing would tell them."""
    log_of_feed = logs.read_log("o01_delivery_log", feed_code=received.contract.code)
    same = log_of_feed.filter(
        (pl.col("period_start") == received.period_start)
        & (pl.col("period_end") == received.period_end)
        & (pl.col("sender") == received.sender)
        & (pl.col("status") != "4")
        & (pl.col("delivery_id") != identity)
    )
    if same.height and received.sequence is None:
        reason = "该期数据已收到；追加型数据不能以不同内容重报，请先联系撤回"
        raise Refused("period_received", reason, [], None)


def _quarantine(received: Received, identity: str, result: Reading, reached: Step) -> pl.DataFrame:
    """Write the agency's workbook and the quarantine; gives the rows of the latter."""
    rows = quarantine_rows(received, identity, result.findings)
    refusals.write(received.contract, identity, result.refused_text, result.findings)
    refusals.write_patch(received.contract, identity, result.changes)
    reached("workbook")
    if rows.height:
        logs.append_log("quarantine", rows, transaction=identity)
    reached("quarantine")
    return rows


def _planned(
    contract: Contract, identity: str, rows: pl.DataFrame, result: Reading
) -> Change | None:
    """What the rows would do; nothing where there are none. A repeated commit plans anew, which
    changes nothing, because the table says that it has the delivery."""
    if not rows.height:
        return None
    try:
        return commit.plan(contract, open_feed(contract), rows, result.refused_keys)
    except commit.ShrunkError as error:
        reason = f"全量快照缺少 {error.gone} 行（现有 {error.live} 行），疑似不完整"
        raise Refused("snapshot_shrank", reason, [], result.records) from error


def _check_content(received: Received, sha256: str) -> None:
    """What the sender said of the bytes must hold, or the delivery is not what was sent."""
    said = received.control
    if said and said.sha256 and said.sha256.lower() != sha256:
        raise Refused("control_figures", "文件摘要与控制文件不符", [], None)


def check_figures(received: Received, result: Reading) -> None:
    """The rows and totals that the sender declared must be those that came."""
    said = received.control
    if said is None:
        return
    if said.rows_n is not None and said.rows_n != result.records:
        reason = f"控制文件声明 {said.rows_n} 行，实收 {result.records} 行"
        raise Refused("control_figures", reason, [], result.records)
    for column, total in said.sums.items():
        if result.sums.get(column) != total:
            reason = f"列 {column} 合计与控制文件不符"
            raise Refused("control_figures", reason, [column], result.records)


def _refuse(
    received: Received, identity: str, sha256: str, refusal: Refused, reached: Step
) -> Receipt:
    findings = pl.DataFrame(
        {
            SOURCE_ROW: [None],
            "column_name": ["、".join(refusal.columns) or None],
            "rule": [refusal.rule],
            "severity": ["error"],
            "value_shape": ["whole delivery"],
            "value": [None],
            "reason": [refusal.reason],
        },
        schema_overrides={SOURCE_ROW: pl.Int64, "column_name": pl.String, "value": pl.String},
    )
    quarantine = quarantine_rows(received, identity, findings)
    refusals.write_patch(received.contract, identity, refusal.changes)
    logs.append_log("quarantine", quarantine, transaction=identity)
    reached("quarantine")
    empty = Reading(pl.DataFrame(), findings, pl.DataFrame(), refusal.rows or 0)
    made = make_receipt(received, identity, sha256, empty, Counts(), refusal)
    made.check()
    _end(received, made, reasons(quarantine), reached)
    return made


def lake_rows(
    received: Received, identity: str, rows: pl.DataFrame, findings: pl.DataFrame
) -> pl.DataFrame:
    """Clean rows with everything a stored row carries."""
    schema = feed_schema(received.contract)
    if not rows.height:
        return pl.DataFrame(schema=schema)
    end = pl.lit(received.period_end).cast(pl.Datetime("us"))
    fallback = end.dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    warned = findings.filter(pl.col("severity") == "warning")
    if warned.height:
        names = warned.group_by(SOURCE_ROW).agg(
            pl.col("rule").unique().sort().str.join(",").alias("_warnings")
        )
        rows = rows.join(names, on=SOURCE_ROW, how="left", maintain_order="left")
    else:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("_warnings"))
    rows = rows.with_columns(
        pl.lit(identity).alias("_delivery_id"),
        pl.col("_valid_from").fill_null(fallback),
        pl.lit(received.period_end).alias("_period_end"),
        pl.lit(None, pl.Int32).alias("_occurrence"),
        pl.lit(clock.as_of())
        .dt.convert_time_zone("UTC")
        .cast(ROW_META["_loaded_at"])
        .alias("_loaded_at"),
    )
    return rows.select(pl.col(c).cast(t) for c, t in schema.items())


def _stored_reasons(identity: str) -> list[dict[str, Any]]:
    return reasons(logs.read_log("quarantine", delivery_id=identity))


def _end(received: Received, made: Receipt, why: list[dict[str, Any]], reached: Step) -> None:
    """Outbox, O01, out of the inbox, in this order.

    The JSON is derived, so writing it first costs nothing; written last it would be missing for
    good when a pull from an API is killed here, because its period then counts as received.
    """
    receipt.publish(made, why)
    reached("outbox")
    logs.append_log("o01_delivery_log", made.row(), transaction=made.delivery_id)
    reached("receipt")
    _leave_inbox(received)
    reached("finished")


def _leave_inbox(received: Received) -> None:
    if received.inbox_file is not None:
        received.inbox_file.unlink(missing_ok=True)
    if received.acknowledge is not None:
        received.acknowledge()
