-- D14: first-instance civil and administrative filings (F06), one row per month, court and town, by the
-- newest batch (period date = first day of the month). is_open marks a month that a court has not
-- reported, once per town of that court: those of its district, of the city's court (330600) all.
-- A court without filings sends rows of zero.
with filed as (
    select
        {{ day_of_month_text('stat_month') }} as month_start, court_code, town_code,
        cast(sum(civil_first_n + admin_first_n) as bigint) as value,
        max(_delivery_id) as _delivery_id, min(_source_row) as _source_row
    from (
        select
            *,
            row_number() over (
                partition by stat_month, court_code, town_code, cause_code
                order by report_batch desc, _source_row) as recency
        from {{ ref('stg_f06_court_filing_monthly') }}
    ) as batch
    where recency = 1
    group by stat_month, court_code, town_code
),
bounds as (
    select min(month_start) as first_month, max(month_start) as last_month from filed
),
expected as (
    select spine.cal_day as month_start, court.court_code
    from ({{ day_spine("date '2015-01-01'", as_of_date()) }}) as spine
    inner join bounds on spine.cal_day between bounds.first_month and bounds.last_month
    cross join (select distinct court_code from filed) as court
    where spine.cal_day = {{ month_of('spine.cal_day') }}
),
missing as (
    select expected.month_start, expected.court_code, town.town_code
    from expected
    left join (select distinct month_start, court_code from filed) as reported
        on reported.month_start = expected.month_start and reported.court_code = expected.court_code
    inner join {{ ref('int_town_unit') }} as town
        on expected.court_code in ({{ city_code() }}, town.unit_district)
    where reported.court_code is null
),
each as (
    select month_start, court_code, town_code, value, 0 as is_open, _delivery_id, _source_row from filed
    union all
    select
        month_start, court_code, town_code, cast(0 as bigint), 1, cast(null as {{ dbt.type_string() }}),
        cast(null as bigint)
    from missing
)
select
    {{ year_month('each.month_start') }} || ' ' || each.court_code || ' '
        || coalesce(each.town_code, 'unassigned') as row_key,
    each.month_start as period_date,
    {{ unit_town_columns() }},
    each.value, each.is_open, each.court_code, each._delivery_id, each._source_row
from each
{{ unit_town_joins('each.town_code') }}
