-- All counts, one row per indicator, unit, window and period. A new indicator is one model
-- ind_<code>.sql and one name in this list (and one registry row).
{% for model in [
    'ind_c01', 'ind_c02', 'ind_c02_2', 'ind_c04', 'ind_c05', 'ind_c07', 'ind_c08', 'ind_c09',
    'ind_c10', 'ind_d07', 'ind_d09', 'ind_d12', 'ind_e01', 'ind_e02', 'ind_e02_median', 'ind_e03',
    'ind_e04', 'ind_e05', 'ind_e06', 'ind_e08', 'ind_h01', 'ind_h02', 'ind_h03', 'ind_h04',
    'ind_h05', 'ind_h06', 'ind_h07', 'ind_j01', 'ind_j03', 'ind_k01', 'ind_k02', 'ind_k03',
    'ind_k03_overdue', 'ind_l01', 'ind_l02', 'ind_l03', 'ind_l04', 'ind_l05', 'ind_l06', 'ind_l07',
    'ind_l08', 'ind_l09', 'ind_p01', 'ind_p02', 'ind_p03', 'ind_p04', 'ind_p05', 'ind_p06',
    'ind_p07', 'ind_p09', 'ind_p10', 'ind_q01', 'ind_q02', 'ind_q03', 'ind_u01', 'ind_u02',
    'ind_u03', 'ind_u05', 'ind_u06', 'ind_y01', 'ind_y02', 'ind_y03', 'ind_y04', 'ind_y05',
    'ind_y06', 'ind_y07', 'ind_z01', 'ind_z02', 'ind_z03', 'ind_z05', 'ind_z06',
    'ind_d01', 'ind_d02', 'ind_d03', 'ind_d04', 'ind_d05', 'ind_d06', 'ind_d08', 'ind_d10', 'ind_d11',
    'ind_m01', 'ind_m02', 'ind_m03', 'ind_m04', 'ind_m05', 'ind_m06', 'ind_m07', 'ind_m09',
    'ind_d14', 'ind_d15', 'ind_d15_homicide', 'ind_m08'] %}
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days, is_complete, is_provisional,
    is_running
from {{ ref(model) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
