-- One row per rule, version and quarter of review: how many of the lights that people reviewed to a
-- result they confirmed (WARN_REVIEW 1; 2 and 4 are not, 3 is not final), by the agencies' own records
-- (F09), under the version those bear. A rule nobody reviews has one row of its own version without a
-- quarter and without a value: "no reviews" is not zero. Two consecutive quarters that are over under
-- least_precision: the rule is to be retired or retuned.
with rule as (
    select rule_id, max(rule_version) as rule_version, min(least_precision) as least_precision
    from {{ ref('seed_warning_rule') }}
    group by rule_id
),
reviewed as (
    select
        rule_id, rule_version, {{ period_start('quarter', 'cast(review_time as date)') }} as quarter_start,
        count(*) as reviewed_n, sum(case when review_result = '1' then 1 else 0 end) as confirmed_n
    from {{ ref('fct_transfer_warning') }}
    where review_result in ('1', '2', '4') and review_time is not null
    group by 1, 2, 3
),
measured as (
    select
        rule.rule_id, coalesce(reviewed.rule_version, rule.rule_version) as rule_version,
        reviewed.quarter_start,
        cast(coalesce(reviewed.reviewed_n, 0) as bigint) as reviewed_n,
        cast(reviewed.confirmed_n as bigint) as confirmed_n,
        100 * cast(reviewed.confirmed_n as double) / cast(reviewed.reviewed_n as double) as precision_pct,
        rule.least_precision
    from rule
    left join reviewed on reviewed.rule_id = rule.rule_id
)
select
    measured.rule_id, measured.rule_version, measured.quarter_start, measured.reviewed_n,
    measured.confirmed_n, measured.precision_pct, measured.least_precision,
    coalesce(
        measured.precision_pct < measured.least_precision and before.precision_pct < before.least_precision
            and not {{ is_running(period_end('quarter', 'measured.quarter_start')) }},
        false) as is_to_retune,
    case when measured.reviewed_n = 0 then '无复核记录' end as note_zh
from measured
left join measured as before
    on before.rule_id = measured.rule_id and before.rule_version = measured.rule_version
    and before.quarter_start = {{ months_before('measured.quarter_start', 3) }}
