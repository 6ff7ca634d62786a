-- D06, population: old cases on the list when the quarter begins, once per quarter (period date = its
-- first day); numerator: resolved in the quarter and not rebounded by 24:00 of the 180th day after, as
-- known at the run time (reading 1). District: that of the town, else the one the feed names.
with quarter_start as (
    select spine.cal_day
    from ({{ day_spine("date '2015-01-01'", as_of_date()) }}) as spine
    inner join (select min(list_date) as first_day from {{ ref('stg_p30_petition_backlog_case') }}) as bounds
        on spine.cal_day > bounds.first_day
    where spine.cal_day = {{ period_start('quarter', 'spine.cal_day') }}
),
listed as (
    select
        backlog_id, list_date, leader_level, resolve_way, town_code, region_code,
        case when resolved_date <= {{ as_of_date() }} then resolved_date end as resolved_date,
        case when rebound_date <= {{ as_of_date() }} then rebound_date end as rebound_date,
        _delivery_id, _source_row
    from {{ ref('stg_p30_petition_backlog_case') }}
)
select
    listed.backlog_id || ' ' || {{ year_month('quarter_start.cal_day') }} as row_key,
    quarter_start.cal_day as period_date,
    coalesce(town.unit_town, 'unassigned') as unit_town,
    coalesce(town.unit_district, district.unit_district, region.unit_district,
        case when listed.region_code = {{ city_code() }} then {{ city_code() }} else 'unassigned' end) as unit_district,
    case when listed.resolved_date <= {{ period_end('quarter', 'quarter_start.cal_day') }}
        and (listed.rebound_date is null or listed.rebound_date > {{ add_days('listed.resolved_date', 180) }})
        then 1 else 0 end as is_numerator,
    1 as is_denominator,
    case when listed.resolved_date is null then 1 else 0 end as is_open,
    listed.list_date, listed.resolved_date, listed.rebound_date, listed.resolve_way, listed.leader_level,
    listed._delivery_id, listed._source_row
from listed
inner join quarter_start
    on quarter_start.cal_day > listed.list_date
    and (listed.resolved_date is null or listed.resolved_date >= quarter_start.cal_day)
{{ unit_town_joins('listed.town_code') }}
{{ unit_region_join('listed.region_code') }}
