"""Which row rules of P02 and P05 to P31 their senders break, beside what any column gets wrong."""

from __future__ import annotations

import polars as pl

from simulation.channels.breaches import LONG_AGO, LONG_AGO_TIME, in_json, refused, warned
from simulation.channels.declared import Extra
from simulation.dirt import present

FAR_AWAY = "2099-12-31"
TEXT = r'"[^"]*"'


def _is(column: str, value: str) -> pl.Expr:
    return pl.col(column) == value


DECIDED = pl.col("decision_status").is_in(["05", "06"])
# An accusation that slipped through, and an appeal whose way of handling was left out.
ACCUSED = (
    "accusation",
    "purpose",
    r'"purpose":"[13]"',
    '"purpose":"2"',
    "no_accusation",
)
WAYLESS = (
    "appeal without a path",
    "handle_path",
    r'"purpose":"[13]"(.*)"handle_path":(?:null|"[1-6]")',
    '"purpose":"3"${1}"handle_path":null',
    "appeal_has_path",
)
OVERLONG = (
    "extension of 45 days",
    "extend_days",
    r'"extended":(?:true|false),"extend_days":(?:null|[0-9]+)',
    '"extended":true,"extend_days":45',
    "extension_at_most_30",
)
BREACHES = {
    "P05": Extra([refused("paid_amount", "amounts_not_negative", -1.0, present("paid_date"))]),
    "P11": Extra([refused("household_total", "households_positive", 0)]),
    "P14": Extra(
        [
            refused("amount", "amount_positive", -0.01),
            warned("paid_date", "paid_has_date", None, present("paid_date")),
        ]
    ),
    "P06": Extra(
        [
            refused("decide_date", "decided_has_date", None, DECIDED),
            warned("legality_review_date", "review_before_decide", FAR_AWAY, DECIDED),
        ]
    ),
    "P07": Extra(json=in_json("report_version", "version_from_one", "0")),
    "P08": Extra(json=in_json("impact", "steps_one_to_five", "7")),
    "P09": Extra(
        [
            refused("end_date", "end_after_start", LONG_AGO),
            refused("adopted_n", "adopted_within_opinions", "9999"),
            warned("feedback_date", "feedback_after_end", LONG_AGO),
            warned("sample_size", "answers_within_sample", "1"),
        ]
    ),
    "P10": Extra(
        [
            refused("quality_score", "score_in_range", "180"),
            refused("fee", "fee_not_negative", "-500"),
        ]
    ),
    "P12": Extra(
        [
            refused("consult_end", "end_after_publish", LONG_AGO),
            refused("plan_version", "version_from_one", "0"),
            warned("hearing_applied_n", "hearing_was_applied", "0", _is("hearing_held", "是")),
        ]
    ),
    "P13": Extra(
        [
            refused("family_n", "family_positive", "0"),
            warned("sign_date", "signed_has_date", None, _is("sign_status", "03")),
        ]
    ),
    "P15": Extra(
        [refused("delivered_n", "delivered_within_total", "99999", ~present("delivered_date"))]
    ),
    "P16": Extra(json=in_json("area_ha", "area_positive", "0.0")),
    "P17": Extra(
        [
            refused("end_date", "end_after_start", LONG_AGO),
            warned("opinion_object_n", "objections_within_opinions", "999"),
        ]
    ),
    "P18": Extra(
        [
            refused("fund_paid", "funds_not_negative", "-1"),
            warned("insured_persons", "insured_within_due", "99999"),
        ]
    ),
    "P19": Extra(json=in_json("protect_distance", "distance_not_negative", "-50.0")),
    "P20": Extra([warned("replied", "adopted_after_reply", "否", present("adopted"))]),
    "P21": Extra(json=in_json("valid_to", "valid_period_in_order", f'"{LONG_AGO}"', TEXT)),
    "P22": Extra(
        json=[
            *in_json("valid_rate", "valid_rate_in_range", "180.0"),
            *in_json("exceed_times", "hours_in_a_day", "30"),
        ]
    ),
    "P23": Extra(json=in_json("due_time", "due_after_complaint", f'"{LONG_AGO_TIME}"', TEXT)),
    "P24": Extra(
        [
            refused("fine_amount", "fine_positive", "-100"),
            refused("decide_date", "decide_after_file", LONG_AGO),
        ]
    ),
    "P26": Extra(json=[ACCUSED, WAYLESS]),
    "P27": Extra(json=[OVERLONG]),
    "P28": Extra(
        [
            warned("opinion_date", "opinion_after_request", LONG_AGO),
            warned("result", "result_with_opinion", None, present("result")),
        ]
    ),
    "P29": Extra([refused("person_n", "rounded_to_five", "37")]),
    "P30": Extra(
        [
            refused(
                "resolved_date",
                "resolved_after_list",
                LONG_AGO,
                ~present("rebound_date") & present("resolved_date"),
            ),
            warned("resolve_way", "way_with_date", None, present("resolve_way")),
        ]
    ),
    "P31": Extra(json=in_json("score", "score_one_to_five", "0")),
}
