-- Open disputes beside D12: registered by the reading (the period's end or as_of), neither settled
-- (06) nor sent to court (07) nor passed to the police (09) by then; age in days at the reading.
with first_day as (
    select {{ month_of('cast(min(register_time) as date)') }} as first_day from {{ ref('fct_dispute') }}
),
month as (
    select spine.cal_day as month_start, last_day(spine.cal_day) as month_end
    from ({{ day_spine("date '2015-01-01'", as_of_date()) }}) as spine
    inner join first_day on spine.cal_day >= first_day.first_day
    where spine.cal_day = {{ month_of('spine.cal_day') }}
),
reading as (
    select
        month_start, month_end,
        least(cast({{ add_days('month_end', 1) }} as {{ local_type() }}), {{ as_of() }}) as read_time
    from month
)
select
    reading.month_start as period_start,
    reading.month_end as period_end,
    {{ unit_town_columns() }},
    {{ elapsed_days('dispute.register_time', 'reading.read_time') }} as age_days
from reading
inner join {{ ref('fct_dispute') }} as dispute
    on dispute.register_time < reading.read_time
    and (dispute.first_closed_time is null or dispute.first_closed_time >= reading.read_time)
{{ unit_town_joins('dispute.town_code') }}
