-- Open title transfers beside E08: asked for by the reading (the period's end or as_of) and not
-- finished by then; age in days at the reading.
with month as (
    {{ months_since('fct_coop_matter', 'submit_time') }}
),
reading as (
    select
        period_start, period_end,
        least({{ midnight(add_days('period_end', 1)) }}, {{ as_of() }}) as read_time
    from month
)
select
    reading.period_start,
    reading.period_end,
    matter.court_code as unit_court,
    {{ unit_region_column('matter.region_code') }},
    {{ elapsed_days('matter.submit_time', 'reading.read_time') }} as age_days
from reading
inner join {{ ref('fct_coop_matter') }} as matter
    on matter.submit_time < reading.read_time
    and (matter.finish_time is null or matter.finish_time >= reading.read_time)
{{ unit_region_join('matter.region_code') }}
where matter.matter_group = 'C' and matter.matter_code in ('0302', '0303', '0306', '0307')
