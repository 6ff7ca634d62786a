-- C01, population: applications registered in S0 by the stock day; numerator: of these, online by then.
select
    state.app_id as row_key,
    state.stock_day as period_date,
    state.domain as unit_domain,
    state.region_code as unit_district,
    case when state.online_date <= state.stock_day then 1 else 0 end as is_numerator,
    1 as is_denominator,
    case when state.online_date <= state.stock_day then 0 else 1 end as is_open,
    state.app_name, state.registered_date, state.online_date, state.review_round,
    state._delivery_id, state._source_row
from {{ ref('int_scene_app_state') }} as state
where state.registered_date <= state.stock_day
