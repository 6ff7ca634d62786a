-- D08, population: tickets reached by a callback, by the last one that reached them in the month
-- (period date = its day); numerator: solved by that answer; no answer to it is not solved. A ticket
-- called and never reached leaves both sides; is_called counts it for the reach rate.
select
    callback.ticket_id as row_key,
    cast(callback.callback_time as date) as period_date,
    {{ unit_department_column('callback.handle_org_code') }},
    {{ unit_town_columns() }},
    case when callback.reached and callback.solved then 1 else 0 end as is_numerator,
    case when callback.reached then 1 else 0 end as is_denominator,
    0 as is_open,
    1 as is_called,
    callback.callback_time, callback.reached, callback.solved, callback.second_round,
    callback._delivery_id, callback._source_row
from (
    select
        *,
        row_number() over (
            partition by ticket_id, {{ month_of('callback_time') }}
            order by case when reached then 0 else 1 end, callback_time desc, callback_id desc) as recency
    from {{ ref('stg_p45_hotline_satisfaction') }}
    where callback_time <= {{ as_of() }}
) as callback
{{ unit_town_joins('callback.town_code') }}
{{ unit_department_join('callback.handle_org_code') }}
where callback.recency = 1
