-- D11, population: disputes closed in the month, by their last 06 event in it (period date = its day);
-- numerator: closed at the village (1) or town (2) tier.
select
    closing.event_id as row_key,
    cast(closing.event_time as date) as period_date,
    {{ unit_town_columns() }},
    case when closing.tier in ('1', '2') then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    closing.event_time, closing.tier, closing.close_check,
    closing._delivery_id, closing._source_row
from (
    select
        *,
        row_number() over (
            partition by dispute_code, {{ month_of('event_time') }}
            order by event_time desc, event_id desc) as recency
    from {{ ref('fct_dispute_event') }}
    where to_state = '06' and event_time <= {{ as_of() }}
) as closing
{{ unit_town_joins('closing.town_code') }}
where closing.recency = 1
