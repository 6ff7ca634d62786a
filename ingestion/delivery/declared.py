"""What refuses a delivery whole: its sender declared it otherwise, or it came before."""

from __future__ import annotations

import polars as pl

from ingestion.delivery.reading import Reading, Refused
from ingestion.delivery.received import Received
from ingestion.lake import logs
from ingestion.receive.text import SOURCE_ROW


def check_period(received: Received, identity: str) -> None:
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


def check_content(received: Received, sha256: str) -> None:
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


def whole(refusal: Refused) -> pl.DataFrame:
    """A refusal as the one finding of its delivery."""
    return pl.DataFrame(
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
