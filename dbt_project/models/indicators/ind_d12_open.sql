-- Open disputes beside D12: registered by the reading (the period's end or as_of), neither settled
-- (06) nor sent to court (07) nor passed to the police (09) by then; age in days at the reading.
with month as (
    {{ months_since('fct_dispute', 'register_time') }}
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
    {{ unit_town_columns() }},
    {{ elapsed_days('dispute.register_time', 'reading.read_time') }} as age_days
from reading
inner join {{ ref('fct_dispute') }} as dispute
    on dispute.register_time < reading.read_time
    and (dispute.first_closed_time is null or dispute.first_closed_time >= reading.read_time)
{{ unit_town_joins('dispute.town_code') }}
