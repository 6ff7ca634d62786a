"""The rules of decisions, petitions, courts, suggestions, city events and data, from the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl

from ingestion.lake.logs import read_log
from ingestion.lake.views import contract_rows, due_rows
from tests.whole.lights import (
    DAY,
    MOMENT,
    Lights,
    clock,
    either,
    end_of,
    keys,
    known,
    windowed,
)
from tests.whole.recount import RUN_TIME, TODAY, rows

C = pl.col


def decisions() -> pl.DataFrame:
    return rows("P06").with_columns(decide_date=known("decide_date"))


def reports() -> pl.DataFrame:
    return rows("P07").filter(C("report_date") <= TODAY)


def rd_r1() -> Lights:
    filed = reports_filed().group_by("decision_id").agg(filed=C("filed_date").min())
    decided = decisions().filter(C("must_assess"), C("decide_date").is_not_null())
    both = decided.join(filed, on="decision_id", how="left")
    return clock(both, "decision_id", end_of(C("decide_date")), C("filed"), by_day=True)


def reports_filed() -> pl.DataFrame:
    return rows("P07").filter(C("filed_date") <= TODAY)


def versions() -> pl.DataFrame:
    """Reports with the day from which a greater version stands in their place."""
    newer = reports().select("decision_id", later="report_version", replaced="report_date")
    found = reports().join(newer, on="decision_id", how="left")
    later = pl.when(C("later") > C("report_version")).then("replaced")
    return found.group_by(reports().columns).agg(replaced=later.min())


def rd_r2() -> Lights:
    high = versions().filter(C("risk_level") == "H").drop("project_code")
    matter = high.join(
        decisions().select("decision_id", "decide_date", "project_code"), on="decision_id"
    )
    decided = matter.filter(C("decide_date") >= C("report_date"))
    milestones = rows("P04").filter(C("milestone_code") == "06", C("actual_date") <= TODAY)
    begun = milestones.group_by("project_code").agg(begun=C("actual_date").min())
    status = rows("P01").filter(C("project_status") == "30", C("source_update_time") <= RUN_TIME)
    told = status.group_by("project_code").agg(told=C("source_update_time").min().cast(DAY))
    start = begun.join(told, on="project_code", how="full", coalesce=True)
    built = matter.join(start, on="project_code").with_columns(
        since=pl.max_horizontal("report_date", pl.coalesce("begun", "told"))
    )
    return either(
        clock(decided, "decision_id", C("decide_date"), C("replaced"), by_day=False),
        clock(built, "decision_id", C("since"), C("replaced"), by_day=False),
    )


def rd_r3() -> Lights:
    taken = rows("P11").with_columns(decision_date=known("decision_date"))
    due = end_of(C("decision_date"))
    unassessed = clock(taken, "exprop_id", due, known("assess_done_date"), by_day=True)
    plans = rows("P12").filter(C("publish_date") <= TODAY)
    short = plans.filter((C("consult_end") - C("publish_date")).dt.total_days() < 30)
    return either(unassessed, Lights(keys(short, "exprop_id")))


def rd_y1() -> Lights:
    medium = (
        versions().filter(C("risk_level") == "M").select("report_id", "decision_id", "replaced")
    )
    measures = rows("P08").join(medium, on="report_id")
    done = pl.min_horizontal(known("measure_done"), "replaced")
    overdue = clock(measures, "decision_id", end_of(C("measure_due")), done, by_day=True)
    asked = rows("P09").filter(C("start_date") <= TODAY)
    days = (C("end_date") - C("start_date")).dt.total_days()
    short = asked.filter(C("consult_form") == "01", days < 30, ~C("short_reason_given"))
    heard = asked.filter(C("opinion_n") > 0)
    due = end_of(C("end_date"), 15)
    unanswered = clock(heard, "decision_id", due, known("feedback_date"), by_day=True)
    return either(overdue, Lights(keys(short, "decision_id")), unanswered)


def rd_y2() -> Lights:
    asked = rows("P09").filter(C("start_date") <= TODAY, C("end_date") <= TODAY)
    answers = C("support_n") + C("oppose_n")
    objecting = asked.filter(answers >= 10, C("oppose_n") / answers > 0.3)
    comments = (
        rows("P20")
        .filter(C("comment_date") <= TODAY)
        .join(rows("P19").select("eia_id", "project_code"), on="eia_id")
    )
    by_project = decisions().filter(C("project_code").is_not_null())
    said = comments.join(by_project.select("project_code", "decision_id"), on="project_code")
    so_far = (
        said.group_by("decision_id", "comment_date")
        .agg(against=(C("stance") == "2").sum(), n=pl.len())
        .sort("comment_date")
        .with_columns(C("against", "n").cum_sum().over("decision_id"))
    )
    against = so_far.filter(C("n") >= 10, C("against") / C("n") > 0.3)
    calls = rows("P41").filter(C("week_start") <= TODAY).select(
        "project_code",
        at=C("week_start").cast(MOMENT),
        weight=pl.sum_horizontal(
            "dispute_call_n", "obstruct_call_n", "labour_call_n", "env_call_n"
        ).cast(pl.Int64),
    )  # fmt: skip
    petitions = rows("P26").filter(C("register_time") <= RUN_TIME).select(
        "project_code", at=C("register_time").cast(MOMENT), weight=pl.lit(1, pl.Int64)
    )  # fmt: skip
    told = pl.concat([calls, petitions]).join(
        by_project.filter(~C("must_assess")).select("project_code", "decision_id"),
        on="project_code",
    )
    first_day = C("at").cast(DAY).dt.offset_by("-6mo") + timedelta(days=1)
    many = windowed(told, ["decision_id"], first_day, "weight").filter(C("total") >= 10)
    return Lights(
        keys(objecting, "decision_id") | keys(against, "decision_id") | keys(many, "decision_id")
    )


def rd_y3() -> Lights:
    by_day = (
        reports()
        .filter(C("assessor_uscc").is_not_null())
        .group_by("assessor_uscc", "report_date")
        .agg(low=(C("risk_level") == "L").sum(), n=pl.len())
        .sort("report_date")
        .with_columns(C("low", "n").cum_sum().over("assessor_uscc"))
    )
    return Lights(keys(by_day.filter(C("n") >= 20, C("low") == C("n")), "assessor_uscc"))


def petitions() -> pl.DataFrame:
    steps = rows("P27").filter(C("start_time") <= RUN_TIME).with_columns(end_time=known("end_time"))

    def ended(step: str) -> pl.Expr:
        return C("end_time").filter(C("step_code") == step).min()

    extended = (
        C("extend_days").filter(C("step_code") == "04").max().fill_null(0).clip(upper_bound=30)
    )
    done = steps.group_by("petition_no").agg(
        taken_up=ended("03"), answered=ended("05"), more=extended
    )
    found = rows("P26").filter(C("register_time") <= RUN_TIME)
    return found.join(done, on="petition_no", how="left").with_columns(C("more").fill_null(0))


def notice(days: int) -> Lights:
    asking = petitions().filter(C("purpose").is_in(["1", "3"]))
    due = end_of(C("register_time"), days)
    return clock(asking, "petition_no", due, C("taken_up"), by_day=True)


def answer(days: int) -> Lights:
    by_path = petitions().filter(C("handle_path") == "6")
    due = end_of(C("taken_up"), C("more") + days)
    return clock(by_path, "petition_no", due, C("answered"), by_day=True)


def enforcement(months: int, administrative: int) -> Lights:
    court = rows("F04").filter(C("file_date") <= TODAY)
    parts = []
    for kinds, n in ((["1", "2"], months), (["3"], administrative)):
        due = end_of(C("file_date").dt.offset_by(f"{n}mo"), C("deduct_days"))
        mine = court.filter(C("case_kind").is_in(kinds))
        parts.append(clock(mine, "case_no", due, known("close_date"), by_day=True))
    return either(*parts)


def suggestion(due: pl.Expr) -> Lights:
    sent = rows("F07").filter(C("found_date") <= TODAY, C("suggest_date") <= TODAY)
    one = (
        sent.filter(C("suggestion_id").is_not_null())
        .with_columns(reply_date=known("reply_date"))
        .group_by("suggestion_id")
        .agg(C("suggest_date", "reply_date").min())
    )
    return clock(one, "suggestion_id", due, C("reply_date"), by_day=True)


def city_event(due: pl.Expr) -> Lights:
    return clock(rows("F10"), "event_no", due, C("handle_time"), by_day=False)


def late_delivery(intervals: int) -> Lights:
    log = read_log("o01_delivery_log").with_columns(
        C("due_time", "landed_time")
        .dt.convert_time_zone("Asia/Shanghai")
        .dt.replace_time_zone(None)
    )
    taken = log.filter(C("status") != "4", C("landed_time") <= RUN_TIME)
    due = due_rows(RUN_TIME.astimezone()).with_columns(
        C("due_time").dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
    ).unique()  # fmt: skip
    key = ["feed_code", "owner_org_code", "region_code", "period_start", "period_end"]
    several = due.filter(C("sender").is_not_null())["feed_code"].unique().implode()
    who = (
        pl.when(C("feed_code").is_in(several)).then(C("sender").fill_null("")).otherwise(pl.lit(""))
    )
    first = taken.with_columns(who=who).group_by(*key, "who").agg(landed=C("landed_time").min())
    owed = (
        due.with_columns(who=C("sender").fill_null(""))
        .group_by(*key, "who")
        .agg(C("due_time").min())
    )
    together = (
        owed.join(first, on=[*key, "who"], how="left")
        .group_by("feed_code", "due_time", "period_start", "period_end")
        .agg(
            landed=pl.when(C("landed").null_count() == 0).then(C("landed").max()),
        )
        .with_columns(
            days=(C("period_end") - C("period_start")).dt.total_days() + 1,
            code=pl.format(
                "{}/{}", C("period_start").dt.to_string("%Y-%m-%d"),
                C("due_time").dt.to_string("%Y-%m-%d %H:%M"),
            ),
        )
    )  # fmt: skip
    due_at = C("due_time") + pl.duration(days=intervals * C("days"))
    pairs = together.with_columns(pair=pl.concat_str("feed_code", "code", separator="|"))
    found = clock(pairs, "pair", due_at, C("landed"), by_day=False)

    def apart(several: set[tuple[str, str]]) -> set[tuple[str, str]]:
        return {tuple(pair.split("|")) for pair, _ in several}  # type: ignore[misc]

    return Lights(apart(found.ever), apart(found.now or set()))


def dq_r2() -> Lights:
    zoned = contract_rows().filter(C("zone").fill_null("") != "")["feed_code"].implode()
    log = read_log("o01_delivery_log").with_columns(
        C("landed_time").dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
    )
    stream = ["feed_code", "owner_org_code", "region_code", "sender"]
    got = log.filter(C("status") != "4", C("landed_time") <= RUN_TIME).with_columns(
        C("sender").fill_null("")
    )
    hidden = C("is_backfill") | C("feed_code").is_in(zoned)
    got = got.sort("period_end", "landed_time", "delivery_id").with_columns(
        rows_n=pl.when(~hidden).then("rows_n"),
        before=C("schema_hash").shift().over(stream),
        weekday=C("period_end").dt.weekday(),
    )
    earlier = got.filter(C("rows_n").is_not_null()).select(
        *stream, "weekday", other="period_end", n="rows_n"
    )
    gap = (C("period_end") - C("other")).dt.total_days()
    judged = (
        got.join(earlier, on=[*stream, "weekday"])
        .filter(gap > 0, gap <= 182)
        .group_by("delivery_id", "feed_code", "rows_n")
        .agg(mean=C("n").mean(), sd=C("n").std(), least=pl.len())
        .filter(C("least") >= 4, (C("rows_n") - C("mean")).abs() > 4 * C("sd") + 1e-9)
    )
    changed = got.filter(C("schema_hash") != C("before"))
    return Lights(
        keys(judged, "feed_code", "delivery_id") | keys(changed, "feed_code", "delivery_id")
    )


def twice_its_time() -> pl.Expr:
    given = C("due_time") - C("dispatch_time")
    return pl.when(C("due_time") > C("dispatch_time")).then(C("due_time") + given)


MATTERS: dict[str, Callable[[], Lights]] = {
    "RD-R1": rd_r1,
    "RD-R2": rd_r2,
    "RD-R3": rd_r3,
    "RD-Y1": rd_y1,
    "RD-Y2": rd_y2,
    "RD-Y3": rd_y3,
    "PT-Y1": lambda: notice(10),
    "PT-R1": lambda: notice(15),
    "PT-Y2": lambda: answer(50),
    "PT-R2": lambda: answer(60),
    "EC-Y1": lambda: enforcement(5, 2),
    "EC-R1": lambda: enforcement(6, 3),
    "PS-Y1": lambda: suggestion(end_of(C("suggest_date"), 45)),
    "PS-R1": lambda: suggestion(end_of(C("suggest_date").dt.offset_by("2mo"))),
    "CM-Y1": lambda: city_event(C("due_time")),
    "CM-R1": lambda: city_event(twice_its_time()),
    "DQ-Y1": lambda: late_delivery(0),
    "DQ-R1": lambda: late_delivery(1),
    "DQ-R2": dq_r2,
}
