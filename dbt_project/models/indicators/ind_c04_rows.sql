-- C04, population: applications of the province's S1 list, registered by the stock day (latest round).
select
    state.app_id as row_key,
    state.stock_day as period_date,
    1 as is_numerator,
    1 as is_denominator,
    0 as is_open,
    state.app_name, state.s1_major_app, state.registered_date, state.review_round,
    state._delivery_id, state._source_row
from {{ ref('int_scene_app_state') }} as state
where state.registered_date <= state.stock_day and state.s1_major_app is not null
