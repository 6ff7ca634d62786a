-- Y02 新型违法犯罪人数同比: by district, city; by year to date. value: relative change in %.
-- population_n: the smaller of the two counts, by which a cell is hidden; suppressed: no value.
{% for level in ['district', 'city'] %}
select
    'Y02' as indicator_code,
    '{{ level }}' as unit_level,
    unit_{{ level }} as unit_code,
    'ytd' as window_kind,
    {{ period_start('ytd', 'period_date') }} as period_start,
    {{ period_end('ytd', 'period_date') }} as period_end,
    cast(is_numerator as double) as numerator,
    cast(is_denominator as double) as denominator,
    case when is_denominator > 0
        then cast(100 as double) * cast(is_numerator as double) / cast(is_denominator as double)
    end as stat_value,
    cast(least_n as bigint) as population_n,
    cast(is_open as bigint) as open_n,
    cast(null as double) as open_age_days,
    true as is_complete,
    false as is_provisional,
    {{ is_running(period_end('ytd', 'period_date')) }} as is_running
from {{ ref('ind_y02_rows') }}
where unit_{{ level }} is not null
{% if not loop.last %}union all{% endif %}
{% endfor %}
