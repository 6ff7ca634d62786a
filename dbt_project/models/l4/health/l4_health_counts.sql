{{ config(materialized='table') }}
-- The zone's own counts, whole: they never leave it. H01 stands over the residents, so that its
-- complement is what it is, the residents not on the register; its unit is set outside.
with registered as (
    {{ count_ratio('H01', ref('ind_h01_rows'), ['district', 'city'], ['stock']) }}
)
select
    registered.indicator_code, registered.unit_level, registered.unit_code, registered.window_kind,
    registered.period_start, registered.period_end, registered.numerator,
    cast(coalesce(residents.pop_resident, 0) as double) as denominator,
    registered.stat_value, registered.population_n, registered.open_n, registered.open_age_days,
    registered.is_complete, registered.is_provisional, registered.is_running
from registered
left join {{ ref('int_division') }} as residents
    on residents.unit_level = case registered.unit_level when 'city' then '1' else '2' end
    and residents.region_code = registered.unit_code
{% for code, windows in [
    ('H02', ['stock']), ('H03', ['stock']), ('H04', ['month']), ('H05', ['month']), ('H06', ['month']),
    ('H07', ['stock'])] %}
union all
select * from (
    {{ count_ratio(code, ref('ind_' ~ code | lower ~ '_rows'), ['district', 'city'], windows) }}
) as counted_{{ code | lower }}
{% endfor %}
