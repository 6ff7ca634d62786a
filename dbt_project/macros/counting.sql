{# The shared tail of every indicator: its rows, counted by unit and window.

   `rows` is the indicator's rows model: the single place of its predicate, read by `explain` too.
   It has one row per member of the population with
     period_date date, is_numerator int, is_denominator int, is_open int
   and one column unit_<level> per level it is counted at. The city has none: it is everything. A row
   whose unit is null does not appear at that level (reading 19); 'unassigned' is a bucket, not null.

   The rows are read once, into days and units; levels and windows are sums of those. So an indicator
   costs one pass over its rows however many levels it has (0.8 M grid events: 0.2 s).

   spread_level: the level at which a row stands once per unit (a station of several towns); every
     other level takes the rows with spread_no 1. apart: the feed sends the city's total itself, as a
     row whose unit_city is filled; no other row counts for the city. by_window: rows bear window_kind, because their
     predicate depends on when they are read. is_count: no denominator. population: what population_n
     sums. amount: the value is money over money, rows bear numerator_amount and
     denominator_amount; 'share' (stat_value bears the denominator's squares, summed: what the sum is
     worth as a number of items) or 'change' (of two sums, without).
#}
{% macro unit_expression(level) %}{% if level == 'city' %}{{ city_code() }}{% else %}unit_{{ level }}{% endif %}{% endmacro %}

{% macro count_ratio(
    code, rows, levels, windows, spread_level=none, by_window=false, is_count=false,
    population='is_denominator', apart=false, amount=none) %}
{%- set keys = ['period_date'] -%}
{%- for level in levels if level != 'city' %}{% do keys.append('unit_' ~ level) %}{% endfor -%}
{%- if spread_level %}{% do keys.append('spread_no') %}{% endif -%}
{%- if by_window %}{% do keys.append('window_kind') %}{% endif -%}
{%- if apart %}{% do keys.append('unit_city') %}{% endif -%}
with daily as (
    select
        {{ keys | join(', ') }},
        sum(is_numerator) as numerator_n, sum(is_denominator) as denominator_n,
        sum({{ population }}) as rows_n, sum(is_open) as open_n
        {%- if amount %},
        sum(numerator_amount) as numerator_sum, sum(denominator_amount) as denominator_sum,
        -- Exact: a sum of doubles depends on the order of the rows, and equal lakes have equal numbers.
        sum(cast(denominator_amount as decimal(19, 2)) * cast(denominator_amount as decimal(18, 2))) as square_sum{% endif %}
    from {{ rows }}
    where period_date <= {{ furthest_day(windows) }}
    group by {{ keys | join(', ') }}
)
{% for window in windows -%}{%- for level in levels %}
select
    '{{ code }}' as indicator_code,
    '{{ level }}' as unit_level,
    {{ unit_expression(level) }} as unit_code,
    '{{ window }}' as window_kind,
    {{ period_start(window, 'period_date') }} as period_start,
    {{ period_end(window, 'period_date') }} as period_end,
    cast(sum({{ 'denominator_n' if is_count else 'numerator_sum' if amount else 'numerator_n' }}) as double) as numerator,
    {% if is_count %}cast(null as double){% else %}cast(sum({{ 'denominator_sum' if amount else 'denominator_n' }}) as double){% endif %} as denominator,
    {% if amount == 'share' %}cast(sum(square_sum) as double){% else %}cast(null as double){% endif %} as stat_value,
    cast(sum(rows_n) as bigint) as population_n,
    cast(sum(open_n) as bigint) as open_n,
    cast(null as double) as open_age_days,
    true as is_complete,
    false as is_provisional,
    {% if window in ('stock', 'to_date') %}false{% else %}{{ is_running(period_end(window, 'period_date')) }}{% endif %} as is_running
from daily
where {{ 'period_date' if window == 'to_date' else period_start(window, 'period_date') }} <= {{ as_of_date() }}
{%- if spread_level and level != spread_level %} and spread_no = 1{% endif %}
{%- if by_window %} and window_kind = '{{ window }}'{% endif %}
{%- if level != 'city' %} and {{ unit_expression(level) }} is not null{% endif %}
{%- if apart and level == 'city' %} and unit_city is not null{% endif %}
group by 3, 5, 6
having sum(denominator_n) > 0
{% if not loop.last %}union all{% endif %}
{%- endfor %}
{% if not loop.last %}union all{% endif %}
{%- endfor %}
{% endmacro %}
