"""The rules of transfers to the police, of young people and of disputes, from the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl

from ingestion.lake.logs import read_log
from tests.whole.lights import (
    DAY,
    MOMENT,
    Lights,
    cases,
    clock,
    either,
    end_of,
    keys,
    known,
    near_amounts,
    thresholds,
    weighed,
    windowed,
)
from tests.whole.recount import RUN_TIME, TODAY, rows

C = pl.col
NEVER = pl.lit(None, MOMENT)


def until(frame: pl.DataFrame, entity: str, since: str, ended: str) -> Lights:
    """What held from one day until another, if that came later."""
    begun = frame.filter(C(since) <= TODAY)
    ever = begun.filter(C(ended).is_null() | (C(ended) > C(since)))
    return Lights(keys(ever, entity), keys(ever.filter(C(ended).is_null()), entity))


def over_a_threshold() -> pl.DataFrame:
    established = ~C("extra") | C("extra_condition_met").fill_null(value=False)
    return weighed().filter("met", established)


def xl_r04() -> Lights:
    # Tobacco's number is an amount: "twice in three years" stands in the row's condition.
    tobacco = (C("line") == "XP225v") & (C("prior_penalty_3y_n") >= 2)
    repeated_act = C("kind").is_in(["prior_2y", "prior_3y", "prior_ever"]) | tobacco
    return until(weighed().filter("met", repeated_act), "case_id", "file_date", "transfer_date")


def xl_r05() -> Lights:
    warned = rows("F09").filter(C("warn_time") <= RUN_TIME)
    approved = warned.filter(known("approve_time").is_not_null(), C("approve_result") == "1")
    hours = C("approve_time") + timedelta(hours=24)
    first = clock(approved, "warning_id", hours, C("transfer_time"), by_day=False)
    due = end_of(C("report_date"), 3)
    return either(first, clock(warned, "warning_id", due, C("approve_time"), by_day=True))


def xl_r06() -> Lights:
    warned = rows("F09").filter(C("warn_time") <= RUN_TIME)
    steps = (
        ("police_accept_time", "police_decide_date", pl.lit(value=True)),
        ("object_date", "review_answer_date", C("police_result") == "2"),
        ("review_answer_date", "supervise_ask_date", C("review_answer_result") == "2"),
    )
    return either(
        *(
            clock(warned.filter(test), "warning_id", end_of(C(begin), 3), C(end), by_day=True)
            for begin, end, test in steps
        )
    )


def xl_y01() -> Lights:
    share = 100 * C("metric") / C("threshold")
    unknown = C("extra") & C("extra_condition_met").is_null()
    near = weighed().filter(((share >= 70) & (share < 100)) | ((share >= 100) & unknown))
    return Lights(keys(near, "case_id"))


def xl_y02() -> Lights:
    due = end_of(C("file_date"), C("suspend_days") + 90)
    stop = pl.min_horizontal("decide_date", "close_date", "transfer_date")
    return clock(cases(), "case_id", due, stop, by_day=True)


def xl_y03() -> Lights:
    small = near_amounts().filter(
        C("amount_involved") < C("threshold"), ~C("extra"), C("party_id").is_not_null()
    )
    group = ["party_id", "case_domain", "amount_kind", "line"]
    events = small.select(*group, "case_id", "amount_involved", "threshold", at=C("file_date"))
    summed = windowed(
        events, group, C("at").dt.offset_by("-2y") + timedelta(days=1), "amount_involved"
    )
    reached = summed.filter(C("n") >= 2, C("total") >= C("threshold"))
    first = reached.sort("at", "case_id").unique(["party_id", "case_domain"], keep="first")
    return Lights(keys(first, "case_id"))


def xl_y04() -> Lights:
    silent = cases().filter(
        C("amount_involved").is_null(), C("quantity").is_null(), C("act_flag") == "00"
    )
    rules = pl.DataFrame(thresholds()).select("enf_domain", "valid_from", "valid_to")
    has = silent.join(rules, left_on="case_domain", right_on="enf_domain").filter(
        C("valid_from") <= C("file_date"),
        C("valid_to").is_null() | (C("valid_to") > C("file_date")),
    )
    return clock(has, "case_id", end_of(C("file_date"), 30), NEVER, by_day=True)


def xl_y05() -> Lights:
    heavy = weighed().filter(100 * C("metric") / C("threshold") >= 50).unique("case_id")
    ratio = pl.when(C("amount_involved") > 0).then(C("fine_amount") / C("amount_involved"))
    group = ["case_domain", "amount_kind"]
    decided = cases().filter(C("decide_date").is_not_null()).with_columns(ratio=ratio)
    peers = decided.filter(C("ratio").is_not_null()).select(*group, peer="ratio", on="decide_date")
    mine = heavy.filter(C("decide_date").is_not_null()).with_columns(ratio=ratio)
    low = (
        mine.select("case_id", *group, "ratio", "decide_date")
        .join(peers, on=group)
        .filter(C("on") <= C("decide_date"), C("on") > C("decide_date").dt.offset_by("-24mo"))
        .group_by("case_id", "ratio")
        .agg(usual=C("peer").median(), n=pl.len())
        .filter(C("n") >= 30, C("ratio") < 0.1 * C("usual"))
    )
    waived = heavy.filter(C("penalty_kind") == "05")
    return Lights(keys(low, "case_id") | keys(waived, "case_id"))


def xl_y06() -> Lights:
    share = 100 * C("amount_involved") / C("threshold")
    bunched = near_amounts().filter(share >= 95, share < 100).unique("case_id")
    day = C("file_date")
    quarter = pl.format("{}Q{}", day.dt.year(), day.dt.quarter())
    counted = bunched.group_by("agency_code", quarter.alias("quarter")).len()
    return Lights(keys(counted.filter(C("len") >= 3), "agency_code", "quarter"))


def yp_r1() -> Lights:
    """The part of sealed records: the latest batch of each district's monthly total."""
    landed = read_log("o01_delivery_log").select("delivery_id")["delivery_id"].implode()
    total = rows("F15").filter(
        C("age_band") == "0", C("offence_group") == "00", C("_delivery_id").is_in(landed)
    )
    last = total.sort("report_batch").unique(["stat_month", "district_code"], keep="last")
    lacking = last.filter(
        ~C("suppressed"), C("district_code") != "330600", C("seal_done_n") < C("seal_due_n")
    )
    first = (C("stat_month") + "01").str.to_date("%Y%m%d")
    over = lacking.with_columns(first=first, month=first.dt.to_string("%Y-%m")).filter(
        first.dt.month_end() < TODAY
    )
    return Lights(keys(over, "district_code", "month"))


def disputes() -> pl.DataFrame:
    return rows("P32").filter(C("register_time") <= RUN_TIME)


def moves() -> pl.DataFrame:
    return rows("F20").filter(C("event_time") <= RUN_TIME)


def first_move(*states: str) -> pl.DataFrame:
    found = moves().filter(C("to_state").is_in(states))
    return found.group_by("dispute_code").agg(closed=C("event_time").min())


def matter_calls() -> pl.DataFrame:
    return rows("F01").filter(C("dispute_code").is_not_null(), C("call_time") <= RUN_TIME)


def still(raised: pl.DataFrame) -> Lights:
    """`dispute_code`, `raised`: not settled, led to court or made a crime since."""
    closing = moves().filter(C("to_state").is_in(["06", "07", "09"]))
    later = raised.join(closing, on="dispute_code").filter(C("event_time") >= C("raised"))
    gone = later["dispute_code"].implode()
    return Lights(
        keys(raised, "dispute_code"),
        keys(raised.filter(~C("dispute_code").is_in(gone)), "dispute_code"),
    )


def repeated(calls: pl.DataFrame, least: int) -> pl.DataFrame:
    events = calls.with_columns(at=C("call_time"), one=pl.lit(1))
    first_day = C("at").cast(DAY) - timedelta(days=30)
    counted = windowed(events, ["dispute_code"], first_day, "one").filter(C("n") >= least)
    return counted.sort("at").unique("dispute_code", keep="first")


def dm_r1() -> Lights:
    signed = disputes().filter(C("escalation_sign").is_in(["01", "02", "03", "04", "05"]))
    settled = signed.join(first_move("06"), on="dispute_code", how="left")
    stop = pl.min_horizontal("joint_response_time", "closed")
    return clock(settled, "dispute_code", C("escalation_time"), stop, by_day=False)


def dm_r2() -> Lights:
    violent = disputes().filter(C("escalation_sign").is_in(["02", "03", "05"]))
    calls = matter_calls().filter("is_valid").select("dispute_code", "call_time")
    both = calls.join(violent.select("dispute_code", "escalation_time"), on="dispute_code")
    found = repeated(both, 3).with_columns(raised=pl.max_horizontal("at", "escalation_time"))
    return still(found.filter(C("raised") <= RUN_TIME))


def dm_y1() -> Lights:
    closed = first_move("06", "07", "09")
    waiting = disputes().filter(~C("extend_agreed")).join(closed, on="dispute_code", how="left")
    due = end_of(C("register_time"), 30)
    long_open = clock(waiting, "dispute_code", due, C("closed"), by_day=True)
    sessions = rows("P33").filter(C("begin_time") <= RUN_TIME)
    at = pl.coalesce(known("end_time"), "begin_time")
    ended = pl.coalesce("end_time", "begin_time") <= RUN_TIME
    failed = (
        sessions.filter(C("result") == "2", ended)
        .with_columns(at=at)
        .join(disputes().select("dispute_code"), on="dispute_code")
        .join(closed, on="dispute_code", how="left")
        .filter(C("closed").is_null() | (C("closed") > C("at")))
        .group_by("dispute_code", "closed")
        .len()
        .filter(C("len") >= 2)
    )
    twice = Lights(
        keys(failed, "dispute_code"), keys(failed.filter(C("closed").is_null()), "dispute_code")
    )
    unperformed = sessions.filter(C("performed").is_in(["2", "3"]))
    term = end_of(C("perform_due"), 15)
    return either(long_open, twice, clock(unperformed, "dispute_code", term, NEVER, by_day=True))


def dm_y2() -> Lights:
    settled = moves().filter(C("to_state") == "06").select("dispute_code", settled="event_time")
    back = moves().filter(C("to_state") == "08").select("dispute_code", raised="event_time")
    last = (
        back.join(settled, on="dispute_code")
        .filter(C("settled") <= C("raised"))
        .group_by("dispute_code", "raised")
        .agg(C("settled").max())
    )
    gap = (C("raised").cast(DAY) - C("settled").cast(DAY)).dt.total_days()
    # Of several returns of one matter one that stands goes first, so the newest tells.
    returned = last.filter(gap <= 90).sort("raised").unique("dispute_code", keep="last")
    matters = disputes().select("dispute_code", "dispute_type")
    close = matters.filter(C("dispute_type").is_in(["01", "02", "09"]))
    calls = matter_calls().select("dispute_code", "call_time").join(close, on="dispute_code")
    called = repeated(calls, 2).with_columns(raised="at")
    return either(still(returned.join(matters, on="dispute_code")), still(called))


def dm_y3() -> Lights:
    owed = rows("P38").filter(C("worker_n") >= 10, C("arrears_months") > 1)
    since = pl.coalesce(C("order_pay_date").cast(MOMENT), "source_update_time")
    return until(
        owed.with_columns(since=since.cast(DAY), paid=known("paid_date")).filter(since <= RUN_TIME),
        "case_id", "since", "paid",
    )  # fmt: skip


def fined_instead() -> Lights:
    decided = over_a_threshold().filter(C("decide_date").is_not_null())
    return until(decided, "case_id", "decide_date", "transfer_date")


def crime_by_nature() -> Lights:
    lawful = C("file_date") >= pl.date(2023, 8, 15)
    acts = cases().filter(C("act_flag").is_in(["01", "02", "03"]), lawful)
    return until(acts, "case_id", "file_date", "transfer_date")


CASES: dict[str, Callable[[], Lights]] = {
    "XL-R01": lambda: until(over_a_threshold(), "case_id", "file_date", "transfer_date"),
    "XL-R02": fined_instead,
    "XL-R03": crime_by_nature,
    "XL-R04": xl_r04,
    "XL-R05": xl_r05,
    "XL-R06": xl_r06,
    "XL-Y01": xl_y01,
    "XL-Y02": xl_y02,
    "XL-Y03": xl_y03,
    "XL-Y04": xl_y04,
    "XL-Y05": xl_y05,
    "XL-Y06": xl_y06,
    "YP-R1": yp_r1,
    "DM-R1": dm_r1,
    "DM-R2": dm_r2,
    "DM-Y1": dm_y1,
    "DM-Y2": dm_y2,
    "DM-Y3": dm_y3,
}
