{{ config(materialized="table") }}
-- Signs that a town hits the target and misses the point (index, section 9). They ask a person to look;
-- no score and no light follows from them. One row per sign, town, kind of matter and month that is over.
-- Identical texts cannot be looked for: no text leaves the archive (DP-04).
with guard as (select * from {{ ref('seed_index_guard') }}),
month as (
    select distinct {{ month_of('cal_date') }} as month_start, last_day(cal_date) as month_end
    from {{ ref('dim_date') }}
),
matter as (
    select 'P32' as source_code, town.unit_town, dispute.register_time as begun_time,
        dispute.first_resolved_time as ended_time, cast(null as {{ local_type() }}) as due_time
    from {{ ref('fct_dispute') }} as dispute
    inner join {{ ref('int_town_unit') }} as town on town.town_code = dispute.town_code
    union all
    select 'P44', town.unit_town, ticket.accept_time, ticket.finish_time, ticket.due_time
    from {{ ref('fct_hotline_ticket') }} as ticket
    inner join {{ ref('int_town_unit') }} as town on town.town_code = ticket.town_code
    where ticket.accept_time <= {{ as_of() }}
),
begun as (
    select source_code, unit_town, {{ month_of('begun_time') }} as month_start, count(*) as matters_n
    from matter group by 1, 2, 3
),
-- Every month from a source's first, so that a month without a row is a zero.
span as (
    select source_code, unit_town, min(month_start) as first_month from begun group by 1, 2
),
reported as (
    select span.source_code, span.unit_town, month.month_start, month.month_end,
        coalesce(begun.matters_n, 0) as matters_n
    from span
    inner join month on month.month_start >= span.first_month and month.month_end < {{ as_of_date() }}
    left join begun on begun.source_code = span.source_code and begun.unit_town = span.unit_town
        and begun.month_start = month.month_start
),
silent as (
    select source_code, unit_town, month_start, month_end, matters_n,
        lag(matters_n) over (partition by source_code, unit_town order by month_start) as month_before_n,
        sum(matters_n) over (partition by source_code, unit_town order by month_start
            rows between 7 preceding and 2 preceding) as six_months_n,
        count(*) over (partition by source_code, unit_town order by month_start
            rows between 7 preceding and 2 preceding) as months_n
    from reported
),
ended as (
    select source_code, unit_town, {{ month_of('ended_time') }} as month_start, last_day(cast(ended_time as date)) as month_end,
        count(*) as matters_n,
        sum(case when due_time is not null and ended_time <= due_time
            and ended_time > {{ add_minutes('due_time', '-60') }} then 1 else 0 end) as last_hour_n,
        sum(case when cast(ended_time as date) >= {{ add_days('last_day(cast(ended_time as date))', '-1') }}
            then 1 else 0 end) as month_end_n
    from matter
    where ended_time <= {{ as_of() }} and last_day(cast(ended_time as date)) < {{ as_of_date() }}
    group by 1, 2, 3, 4
),
full_marks as (
    select counts.indicator_code as source_code, counts.unit_code as unit_town,
        max(counts.period_start) as month_start, last_day(max(counts.period_start)) as month_end,
        sum(counts.denominator) as matters_n, sum(counts.numerator) as good_n
    from {{ ref('agg_indicator_counts') }} as counts
    inner join {{ ref('seed_index_item') }} as item
        on item.item_code = counts.indicator_code and item.card = 'TOWN' and item.measure = 'share'
        and item.direction = 'higher'
    where counts.unit_level = 'town' and counts.window_kind = 'month' and counts.unit_code <> 'unassigned'
        and not counts.is_provisional and not counts.is_running
        and counts.period_start >= {{ months_before(month_of(as_of_date()), 12) }}
    group by 1, 2
),
sign as (
    select 'G1' as guard_code, source_code, unit_town, month_start, month_end, matters_n,
        cast(0 as bigint) as counted_n, cast(0 as double) as share
    from silent cross join (select least_n from guard where guard_code = 'G1') as rule
    where matters_n = 0 and month_before_n = 0 and months_n = 6 and six_months_n >= 6 * rule.least_n
    union all
    select 'G2', source_code, unit_town, month_start, month_end, matters_n, last_hour_n,
        cast(last_hour_n as double) / matters_n
    from ended cross join (select least_n, limit_share from guard where guard_code = 'G2') as rule
    where matters_n >= rule.least_n and last_hour_n > rule.limit_share * matters_n
    union all
    select 'G3', source_code, unit_town, month_start, month_end, matters_n, month_end_n,
        cast(month_end_n as double) / matters_n
    from ended cross join (select least_n, limit_share from guard where guard_code = 'G3') as rule
    where matters_n >= rule.least_n and month_end_n > rule.limit_share * matters_n
    union all
    select 'G5', source_code, unit_town, month_start, month_end, cast(matters_n as bigint), cast(good_n as bigint),
        cast(good_n as double) / matters_n
    from full_marks cross join (select least_n from guard where guard_code = 'G5') as rule
    where matters_n > rule.least_n and good_n = matters_n
)
select sign.guard_code, guard.name_zh, guard.rule_zh, sign.source_code, sign.unit_town as unit_code,
    sign.month_start, sign.month_end, cast(sign.matters_n as bigint) as matters_n,
    cast(sign.counted_n as bigint) as counted_n, sign.share
from sign
inner join guard on guard.guard_code = sign.guard_code
where sign.unit_town <> 'unassigned'
