-- C02, population: applications online by the stock day; numerator: of these, provincial pilot (P)
-- or promoted (T). A null pilot_level is 'N'.
select
    state.app_id as row_key,
    state.stock_day as period_date,
    state.domain as unit_domain,
    case when state.pilot_level in ('P', 'T') then 1 else 0 end as is_numerator,
    1 as is_denominator,
    case when state.pilot_level in ('P', 'T') then 0 else 1 end as is_open,
    state.app_name, state.registered_date, state.online_date, state.pilot_level, state.review_round,
    state._delivery_id, state._source_row
from {{ ref('int_scene_app_state') }} as state
where state.online_date <= state.stock_day
