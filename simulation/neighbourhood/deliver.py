"""Delivers P33 by the agencies' interface and P35 as a stream."""

from __future__ import annotations

from datetime import date

from simulation.api_data import JsonDefects, publish
from simulation.channels import streams
from simulation.channels.streams import MALFORMED, MessageDefect
from simulation.deliveries import Ground
from simulation.neighbourhood.grid import SINCE, Grid
from simulation.neighbourhood.mediations import Mediations

P33_DEFECTS: JsonDefects = [
    ("unknown code", "mediation_form", r'"mediation_form":"[^"]*"', '"mediation_form":"9"', "code"),
    (
        "missing required",
        "mediator_token",
        r'"mediator_token":"[^"]*"',
        '"mediator_token":null',
        "required",
    ),
    ("unparseable date", "begin_time", r'"begin_time":"[^"]*"', '"begin_time":"上周一"', "type"),
]
P35_DEFECTS = [
    MessageDefect(
        "unknown code", "event_type", r'"event_type":"[^"]*"', '"event_type":"8800"', "code"
    ),
    MessageDefect("missing required", "grid_code", r'"grid_code":"[^"]*",', "", "required"),
    MessageDefect(
        "unparseable date", "report_time", r'"report_time":"[^"]*"', '"report_time":"刚才"', "type"
    ),
    MessageDefect("unknown key", "", r"^\{", '{"reporter_level":"3",', "unknown_column"),
    MALFORMED,
]
TOPIC = "grid.event.v1"
# Streams are checked by their producer: a tenth of the usual dirt.
STREAM_DIRT = 0.1
DELETED = 8


def deliver(ground: Ground, mediations: Mediations, grid: Grid) -> None:
    """Both feeds."""
    publish(ground, "P33", mediations.changes, "mediation_id", P33_DEFECTS, date.min)
    sent = grid.messages()
    rng = ground.world.chance(6350)
    fields = [c for c in sent.columns if c not in ("key", "at")]
    messages = streams.encoded(sent, fields)
    ghosts = streams.deleted(messages, DELETED, rng)
    spoilt = streams.spoil(messages, P35_DEFECTS, ground.share * STREAM_DIRT, rng)
    streams.write(ground, "P35", TOPIC, streams.joined(spoilt, ghosts), P35_DEFECTS, SINCE)
