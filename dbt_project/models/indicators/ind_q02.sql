-- Q02 48类归集完整率: city (of the 48 catalogue categories) and district (of those contracted for
-- it); by month. population_n: contracted categories; no light until 48 are (judging reads it).
select
    'Q02' as indicator_code, 'city' as unit_level, {{ city_code() }} as unit_code, 'month' as window_kind,
    period_date as period_start, last_day(period_date) as period_end,
    cast(sum(is_numerator) as double) as numerator,
    cast({{ var('catalogue_categories') }} as double) as denominator,
    cast(null as double) as stat_value,
    cast(count(*) as bigint) as population_n,
    cast(sum(is_open) as bigint) as open_n,
    cast(null as double) as open_age_days,
    true as is_complete, false as is_provisional,
    {{ is_running('last_day(period_date)') }} as is_running
from {{ ref('ind_q02_rows') }}
where unit_district is null
group by period_date
union all
select
    'Q02', 'district', unit_district, 'month', period_date, last_day(period_date),
    cast(sum(is_numerator) as double), cast(count(*) as double), cast(null as double),
    cast(count(*) as bigint), cast(sum(is_open) as bigint), cast(null as double),
    true, false, {{ is_running('last_day(period_date)') }}
from {{ ref('ind_q02_rows') }}
where unit_district is not null
group by unit_district, period_date
