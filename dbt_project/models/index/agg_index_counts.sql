{{ config(materialized="table") }}
-- Counts of the index's own items by town and month, in the form of agg_indicator_counts.
{% for code in ['X01', 'X02', 'X03', 'X04'] %}
select
    indicator_code as item_code, unit_level, unit_code, window_kind, period_start, period_end,
    numerator, denominator, stat_value, population_n, is_complete, is_provisional, is_running
from (
    {{ count_ratio(code, ref('idx_' ~ code | lower ~ '_rows'), ['town'], ['month']) }}
) as {{ code | lower }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
