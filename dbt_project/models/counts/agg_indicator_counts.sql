-- All counts, one row per indicator, unit, window and period. A new indicator is one model
-- ind_<code>.sql and one name in this list (and one registry row).
{% for model in [
    'ind_c01', 'ind_c02', 'ind_c02_2', 'ind_d07', 'ind_d09', 'ind_d12', 'ind_h02', 'ind_h04', 'ind_l01',
    'ind_l02', 'ind_l03', 'ind_l09', 'ind_p01', 'ind_p02', 'ind_p05', 'ind_p06', 'ind_p09', 'ind_q01',
    'ind_q02', 'ind_q03', 'ind_u06', 'ind_y05'] %}
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days, is_complete, is_provisional,
    is_running
from {{ ref(model) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
