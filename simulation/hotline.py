"""P44: 12345 tickets with their versions, fake callers included.

A ticket has one version when accepted and another when answered; tickets closed at the desk
have one. A delivery holds, for every ticket changed in its period, the state at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from simulation import phrases
from simulation.crisis import failing
from simulation.identity import mobiles, resident_ids, sentinel_names
from simulation.projects.projects import Projects
from simulation.units import BAD_DEPARTMENT, Truth
from simulation.world import DAY_S, DISTRICTS, Floats, Ints, World, to_datetime

PER_DAY = 2600.0
CITY = "330600"
# Shares of kinds 1-5, after the weekly bulletin in the calibration table.
TYPE_SHARE = np.array([0.476, 0.294, 0.156, 0.044, 0.030])
DESK_SHARE = np.array([0.80, 0.28, 0.22, 0.25, 1.0])  # closed at the desk: 52.7 % overall
WORKDAYS_BY_TYPE = np.array([1, 5, 7, 10, 1])
HOUR = np.array(
    [6, 4, 3, 3, 3, 5, 12, 30, 72, 98, 96, 74, 48, 60, 86, 90, 84, 70, 52, 44, 38, 28, 18, 10],
    dtype=float,
)
TOPICS = (
    "010000",
    "020000",
    "030000",
    "040000",
    "050000",
    "060000",
    "070000",
    "080000",
    "090000",
    "100000",
    "990000",
)
TOPIC_SHARE = np.array([9, 14, 15, 6, 14, 7, 6, 12, 8, 6, 3], dtype=float)
TOPIC_ROLE = (
    "housing",
    "transport",
    "enforcement",
    "ecology",
    "labour",
    "health",
    "education",
    "market",
    "housing",
    "water",
    "civil",
)
COLUMNS = {  # field name -> header of the file (label_zh of the declaration)
    "ticket_id": "工单编号",
    "accept_time": "受理时间",
    "ticket_type": "咨询/求助/投诉/建议/举报",
    "topic_code": "事项分类",
    "project_code": "投资项目统一代码",
    "caller_name": "来电人",
    "caller_phone": "来电号码",
    "event_addr": "事发地址",
    "content": "诉求内容",
    "handle_org_code": "承办单位",
    "due_time": "办理时限",
    "finish_time": "办结时间",
    "town_code": "镇街代码(统计用区划12位)",
    "source_update_time": "源系统更新时间",
}
_OPEN = np.int64(2**62)


def _share(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Hotline:
    """All tickets of the world as arrays, one element per ticket, in order of acceptance."""

    world: World

    @cached_property
    def tickets(self) -> pl.DataFrame:
        """accept, due, finish (local seconds), type, topic, town, handler, phrase choices."""
        world, rng = self.world, self.world.chance(44)
        expected = (
            PER_DAY * world.scale * world.day_factor * rng.gamma(400, 1 / 400, len(world.days))
        )
        count = rng.poisson(expected)
        n = int(count.sum())
        day = np.repeat(world.days, count)
        second = rng.choice(24, n, p=_share(HOUR)) * 3600 + rng.integers(0, 3600, n)
        accept = np.sort(day * DAY_S + second)
        day = accept // DAY_S
        slash = rng.random(n) < 0.3  # written 2026/10/1 8:30: such rows know minutes only
        accept -= np.where(slash, accept % 60, 0)

        kind = rng.choice(5, n, p=_share(TYPE_SHARE))
        topic = rng.choice(11, n, p=_share(TOPIC_SHARE))
        tilt = np.exp(world.chance(941).normal(0, 0.15, world.towns.height))
        town = world.pick_town(rng, n, tilt)
        has_town = rng.random(n) >= 0.03
        desk = rng.random(n) < DESK_SHARE[kind]
        handler = self._handlers(rng, topic, town, has_town, desk)
        due = world.due_day(day, WORKDAYS_BY_TYPE[kind]) * DAY_S + int(17.5 * 3600)
        late_chance = self._late_chance(handler, town, desk)
        late_chance = np.where(desk, 0.0, failing(world, "D07", town, day, late_chance))
        late = rng.random(n) < late_chance
        finish = self._finish(rng, accept, due, desk, late)
        finish -= np.where(slash & (finish < _OPEN), finish % 60, 0)
        village = world.pick_village(rng, town)
        return pl.DataFrame(
            {
                "accept": accept,
                "due": due,
                "finish": finish,
                "kind": kind,
                "topic": topic,
                "town": np.where(has_town, town, -1),
                "village": village,
                "handler": handler,
                "slash": slash,
                "desk": desk,
                "late_chance": late_chance,
                "caller": rng.integers(0, len(sentinel_names()), n),
                "has_name": rng.random(n) < 0.93,
                "phone": mobiles(rng, n),
                "has_phone": rng.random(n) < 0.97,
                "phrase": rng.integers(0, 1 << 30, n),
                "number": rng.integers(1, 400, n),
                "project": rng.random(n) < 0.004,
                "tells_id": rng.random(n) < 0.002,
            }
        ).with_row_index("ticket")

    def _handlers(
        self,
        rng: np.random.Generator,
        topic: Ints,
        town: Ints,
        has_town: npt.NDArray[np.bool_],
        desk: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.object_]:
        """Who answers: the desk, a district department, a town government or the city."""
        world, n = self.world, len(topic)
        district = world.district_of_town[town]
        department = np.array(
            [[world.organisation(d, r) for r in TOPIC_ROLE] for d in DISTRICTS], dtype=object
        )
        city = np.array([world.organisation(CITY, r) for r in TOPIC_ROLE], dtype=object)
        draw = rng.random(n)
        handler = np.where(draw < 0.70, department[district, topic], world.town_government[town])
        handler = np.where((draw > 0.95) | ~has_town, city[topic], handler)
        handler = np.where(desk, world.organisation(CITY, "data_bureau"), handler)
        handler[~desk & (rng.random(n) < 0.008)] = None
        return np.asarray(handler, dtype=object)

    def _late_chance(
        self, handler: npt.NDArray[np.object_], town: Ints, desk: npt.NDArray[np.bool_]
    ) -> Floats:
        """Per ticket: never at the desk; elsewhere so that all tickets together meet the town's
        rate, except where a bad department handles them."""
        world = self.world
        by_desk = 1 - _share(TYPE_SHARE[:4]) @ DESK_SHARE[:4]
        bad = {world.organisation(*unit): late for unit, late in BAD_DEPARTMENT.items()}
        by_department = (
            pl.Series(handler, dtype=pl.String)
            .replace_strict(bad, default=None, return_dtype=pl.Float64)
            .fill_null(0.0)
            .to_numpy()
        )
        chance = np.maximum(by_department, Truth(world).hotline_late[town] / by_desk)
        return np.where(desk, 0.0, np.minimum(0.6, chance))

    @staticmethod
    def _finish(
        rng: np.random.Generator,
        accept: Ints,
        due: Ints,
        desk: npt.NDArray[np.bool_],
        late: npt.NDArray[np.bool_],
    ) -> Ints:
        """When it was answered; a few late ones never are."""
        n = len(accept)
        within = accept + 600 + ((due - accept - 660) * rng.beta(2.0, 2.5, n)).astype(np.int64)
        after = due + 3600 + (rng.exponential(2.5 * DAY_S, n)).astype(np.int64)
        finish = np.where(desk, accept + rng.integers(120, 1500, n), np.where(late, after, within))
        return np.asarray(np.where(late & (rng.random(n) < 0.04), _OPEN, finish), dtype=np.int64)

    @cached_property
    def versions(self) -> pl.DataFrame:
        """(ticket, period, update, closed): the state each delivery shows of a ticket."""
        table, bounds = self.tickets, self.world.period_bounds_s
        accepted = table.filter(~pl.col("desk")).select(
            "ticket", update="accept", closed=pl.lit(False)
        )
        closed = table.filter(pl.col("finish") < int(bounds[-1])).select(
            "ticket", update="finish", closed=pl.lit(True)
        )
        desk_open = table.filter(pl.col("desk") & (pl.col("finish") >= int(bounds[-1]))).select(
            "ticket", update="accept", closed=pl.lit(False)
        )
        every = pl.concat([accepted, closed, desk_open])
        period = np.searchsorted(bounds, every["update"].to_numpy(), side="right") - 1
        return (
            every.with_columns(period=pl.Series(period))
            .sort("update", "ticket")
            .unique(["ticket", "period"], keep="last", maintain_order=True)
        )

    def rows(self, chosen: pl.DataFrame) -> pl.DataFrame:
        """Text rows of a delivery for (ticket, update, closed), in declared column order."""
        table = chosen.select("ticket", "update", "closed").join(
            self.tickets, on="ticket", how="left", maintain_order="left"
        )
        return _as_text(self.world, table, self._projects)

    @cached_property
    def _projects(self) -> pl.Series:
        """Codes of projects that were entered before the world begins: callers name some."""
        known = Projects(self.world).projects
        first = int(self.world.days[0]) * DAY_S
        codes: pl.Series = known.filter(pl.col("entered") < first)["project_code"]
        return codes


def _moment(name: str, slash: pl.Expr) -> pl.Expr:
    """Two ways of writing a moment, mixed in one file."""
    iso = pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S")
    return pl.when(slash).then(pl.col(name).dt.strftime("%Y/%-m/%-d %-H:%M")).otherwise(iso)


def _as_text(world: World, table: pl.DataFrame, projects: pl.Series) -> pl.DataFrame:
    towns, names = world.towns, pl.Series(sentinel_names())
    village = world.villages["name_zh"]
    project = projects.gather(table["number"] % len(projects))
    n = table.height
    town = table["town"]
    place = pl.Series(
        phrases.places(
            towns["name_zh"].gather(town.clip(0)),
            village.gather(table["village"]),
            table["number"],
            town >= 0,
        )
    )
    caller = names.gather(table["caller"])
    telephone = table["phone"].cast(pl.String)
    told_id = resident_ids(np.random.default_rng(n), n)
    content = phrases.contents(
        table["topic"], table["phrase"], place, caller, telephone, told_id, table["tells_id"]
    )
    slash = pl.col("slash")
    day_text = to_datetime("accept").dt.strftime("%Y%m%d")
    return (
        table.with_columns(
            place=place,
            caller_name=caller,
            telephone=telephone,
            content=content,
            ticket_id="SX"
            + day_text
            + pl.format("{}", pl.col("ticket").cast(pl.String).str.zfill(8)),
            finish=pl.when(pl.col("closed")).then(pl.col("finish")),
            topic_code=pl.Series(list(TOPICS)).gather(table["topic"]),
            town_code=towns["town_code"].gather(town.clip(0)),
        )
        .with_columns(
            to_datetime("accept"),
            to_datetime("due"),
            to_datetime("finish"),
            to_datetime("update"),
        )
        .select(
            "ticket_id",
            accept_time=_moment("accept", slash),
            ticket_type=(pl.col("kind") + 1).cast(pl.String),
            topic_code="topic_code",
            project_code=pl.when(pl.col("project")).then(project),
            caller_name=pl.when(pl.col("has_name")).then(pl.col("caller_name")),
            caller_phone=pl.when(pl.col("has_phone")).then(pl.col("telephone")),
            event_addr="place",
            content="content",
            handle_org_code=pl.col("handler"),
            due_time=_moment("due", slash),
            finish_time=_moment("finish", slash),
            town_code=pl.when(pl.col("town") >= 0).then(pl.col("town_code")),
            source_update_time=_moment("update", slash),
        )
    )
