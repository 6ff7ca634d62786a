{# The shared tail of every indicator: its rows, counted by unit and window.

   `rows` is the indicator's rows model: the single place of its predicate, read by `explain` too.
   It has one row per member of the population with
     period_date date, is_numerator int, is_denominator int, is_open int
   and one column unit_<level> per level it is counted at. The city has none: it is everything.
#}
{% macro unit_expression(level) %}{% if level == 'city' %}'330600'{% else %}unit_{{ level }}{% endif %}{% endmacro %}

{% macro count_ratio(code, rows, levels, windows) %}
{%- for window in windows -%}{%- for level in levels %}
select
    '{{ code }}' as indicator_code,
    '{{ level }}' as unit_level,
    {{ unit_expression(level) }} as unit_code,
    '{{ window }}' as window_kind,
    {{ period_start(window, 'period_date') }} as period_start,
    {{ period_end(window, 'period_date') }} as period_end,
    cast(sum(is_numerator) as double) as numerator,
    cast(sum(is_denominator) as double) as denominator,
    cast(null as double) as stat_value,
    cast(sum(is_denominator) as bigint) as population_n,
    cast(sum(is_open) as bigint) as open_n,
    cast(null as double) as open_age_days,
    true as is_complete,
    false as is_provisional,
    {% if window == 'stock' %}false{% else %}{{ is_running(period_end(window, 'period_date')) }}{% endif %} as is_running
from {{ rows }}
where period_date <= last_day({{ as_of_date() }})
  and {{ period_start(window, 'period_date') }} <= {{ as_of_date() }}
group by 3, 5, 6
having sum(is_denominator) > 0
{% if not loop.last %}union all{% endif %}
{%- endfor %}
{% if not loop.last %}union all{% endif %}
{%- endfor %}
{% endmacro %}
