"""Delivers F01 as a stream, F02 by the agencies' interface and F03 through their database."""

from __future__ import annotations

import polars as pl

from simulation.api_data import JsonDefects, publish
from simulation.channels import database, streams
from simulation.channels.streams import MALFORMED, MessageDefect
from simulation.deliveries import Ground
from simulation.neighbourhood.deliver import DELETED, STREAM_DIRT
from simulation.policing.calls import SINCE, Calls
from simulation.policing.feedback import Feedback
from simulation.policing.orders import Orders
from simulation.world import Ints

F01_DEFECTS = [
    MessageDefect("unknown code", "call_type", r'"call_type":"[^"]*"', '"call_type":"19"', "code"),
    MessageDefect("missing required", "station_code", r',"station_code":"[^"]*"', "", "required"),
    MessageDefect("unknown key", "", r"^\{", '{"caller_level":"2",', "unknown_column"),
    MALFORMED,
]
F02_DEFECTS: JsonDefects = [
    ("unknown code", "opinion_kind", r'"opinion_kind":"[^"]*"', '"opinion_kind":"12"', "code"),
    ("missing required", "source_ref", r'"source_ref":"[^"]*"', '"source_ref":null', "required"),
    (
        "unparseable date",
        "service_time",
        r'"service_time":"[^"]*"',
        '"service_time":"今日"',
        "type",
    ),
]
TOPIC = "police.call.v1"
ORDER_DIRT = 0.1


def deliver(ground: Ground, calls: Calls, feedback: Feedback, orders: Orders) -> None:
    """All three feeds."""
    _calls(ground, calls)
    publish(ground, "F02", feedback.changes, "feedback_id", F02_DEFECTS, SINCE)
    database.write_table(ground, "F03", "dispatch_order", _orders(ground, orders), "update_time")


def _calls(ground: Ground, calls: Calls) -> None:
    sent = calls.messages()
    rng = ground.world.chance(7011)
    fields = [c for c in sent.columns if c not in ("key", "at", "left")]
    messages = streams.encoded(sent, fields)
    ghosts = streams.deleted(messages.filter(~sent["left"]), DELETED, rng)
    spoilt = streams.spoil(messages, F01_DEFECTS, ground.share * STREAM_DIRT, rng)
    written = streams.write(
        ground, "F01", TOPIC, streams.joined(spoilt, ghosts), F01_DEFECTS, SINCE
    )
    # broken by a defect of its own, a message is not also reported for its caller
    told = written.filter(
        pl.col("value").str.contains('"caller_name"').fill_null(value=False)
        & (pl.col("defect") == -1)
    )
    for (file,), rows in told.group_by("file", maintain_order=True):
        ground.truth.add(
            "F01",
            str(file),
            rows["line"].to_list(),
            rows["key"],
            "caller_name",
            "caller not stripped",
            "producer_stripped_personal_fields",
            "warned",
        )


def _orders(ground: Ground, orders: Orders) -> pl.DataFrame:
    """Every change, some of them with an unknown level; the right line follows an hour later."""
    rows = orders.changes.drop("updated", "period")
    if not ground.share:
        return rows
    rng = ground.world.chance(7031)
    last = rows.with_row_index("row").unique(["order_id", "unit_code"], keep="last").sort("row")
    place = last["row"].to_numpy()
    place = place[: int(len(place) * 0.98)]  # a correction must still come before the end
    n = min(int(rng.binomial(rows.height, ground.share * ORDER_DIRT)), len(place))
    at: Ints = rng.choice(place, n, replace=False)
    again = rows[sorted(at.tolist())].with_columns(pl.col("update_time").dt.offset_by("1h"))
    bad = rows["order_level"].scatter(at, pl.Series(["9"] * n, dtype=pl.String))
    ground.truth.add(
        "F03",
        "",
        [0] * n,
        again["order_id"] + "|" + again["unit_code"],
        "order_level",
        "unknown code",
        "code",
        "quarantined",
    )
    return pl.concat([rows.with_columns(order_level=bad), again]).sort(
        "update_time", "order_id", "unit_code"
    )
