-- Q02: one row per contracted category, month and place; numerator: it has a delivery with valid
-- rows, due in its window (12 months for yearly, 3 for quarterly, else the month), landed by the
-- reading. At district only the categories contracted to deliver for it (reading 11); what the city
-- delivers for all its districts (region 330600) counts for each of them.
with category as (
    select feed_code, name_zh, frequency, contracted_regions
    from {{ ref('stg_contract') }}
    where is_category
),
place as (
    select {{ city_code() }} as unit_city, category.feed_code, category.name_zh, category.frequency,
        cast(null as {{ dbt.type_string() }}) as unit_district
    from category
    union all
    select null, category.feed_code, category.name_zh, category.frequency, unit.unit_code
    from category
    inner join {{ ref('dim_unit') }} as unit
        on unit.unit_level = 'district'
        and category.contracted_regions like '%' || unit.unit_code || '%'
),
first_day as (
    select {{ month_of('cast(min(due_time) as date)') }} as first_day from {{ ref('fct_delivery') }}
),
month as (
    select spine.cal_day as month_start
    from ({{ day_spine("date '2015-01-01'", as_of_date()) }}) as spine
    inner join first_day on spine.cal_day >= first_day.first_day
    where spine.cal_day = {{ month_of('spine.cal_day') }}
),
delivered as (
    select feed_code, region_code, due_time, landed_time, delivery_id
    from {{ ref('fct_delivery') }}
    where valid_rows_n > 0 and landed_time is not null
)
select
    place.feed_code || ' ' || coalesce(place.unit_district, place.unit_city) || ' '
        || {{ year_month('month.month_start') }} as row_key,
    month.month_start as period_date,
    place.unit_city, place.unit_district, place.feed_code, place.name_zh,
    case when count(delivered.delivery_id) > 0 then 1 else 0 end as is_numerator,
    1 as is_denominator,
    case when count(delivered.delivery_id) > 0 then 0 else 1 end as is_open,
    max(delivered.landed_time) as last_landed_time,
    max_by(
        delivered.delivery_id, {{ pair('delivered.landed_time', 'delivered.delivery_id') }}
    ) as _delivery_id,
    cast(null as bigint) as _source_row
from place
cross join month
left join delivered
    on delivered.feed_code = place.feed_code
    and (
        place.unit_district is null
        or delivered.region_code in (place.unit_district, {{ city_code() }})
    )
    and cast(delivered.due_time as date) <= last_day(month.month_start)
    and cast(delivered.landed_time as date) <= last_day(month.month_start)
    and cast(delivered.due_time as date) >= case
        when place.frequency = 'yearly' then {{ months_before('month.month_start', 11) }}
        when place.frequency = 'quarterly' then {{ months_before('month.month_start', 2) }}
        else month.month_start end
group by place.feed_code, place.name_zh, place.unit_city, place.unit_district, month.month_start
