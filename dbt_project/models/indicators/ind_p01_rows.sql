-- P01: criminal calls (call_type 01), one row per town and day that must have one: every town of
-- R01 from the first month of P40 to the day before as_of. is_open marks a day-town without a row;
-- one such day leaves the month of the town, its district and the city without a value.
with town as (
    select each.town_code, unit.unit_town, unit.unit_district
    from {{ ref('int_division') }} as each
    inner join {{ ref('int_town_unit') }} as unit on unit.town_code = each.town_code
    where each.unit_level = '3'
),
first_day as (
    select {{ month_of('min(stat_date)') }} as first_day from {{ ref('fct_police_call') }}
),
expected as (
    select town.town_code, town.unit_town, town.unit_district, spine.cal_day
    from town
    cross join first_day
    inner join ({{ day_spine("date '2015-01-01'", add_days(as_of_date(), -1)) }}) as spine
        on spine.cal_day >= first_day.first_day
),
criminal as (
    select stat_date, town_code, valid_n, _delivery_id, _source_row
    from {{ ref('fct_police_call') }}
    where call_type = '01' and stat_date < {{ as_of_date() }}
)
select
    {{ text('coalesce(expected.cal_day, criminal.stat_date)') }} || ' '
        || coalesce(expected.town_code, criminal.town_code) as row_key,
    coalesce(expected.cal_day, criminal.stat_date) as period_date,
    coalesce(expected.unit_town, 'unassigned') as unit_town,
    coalesce(expected.unit_district, district.unit_district, 'unassigned') as unit_district,
    cast(coalesce(criminal.valid_n, 0) as bigint) as value,
    case when criminal.stat_date is null then 1 else 0 end as is_open,
    criminal.valid_n, criminal._delivery_id, criminal._source_row
from expected
full outer join criminal
    on criminal.stat_date = expected.cal_day and criminal.town_code = expected.town_code
left join {{ ref('int_district_unit') }} as district
    on district.unit_district = substr(criminal.town_code, 1, 6)
