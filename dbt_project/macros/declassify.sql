{# The one door of an L4 zone (DP-06 to DP-08): counts by district and city in, publishable cells out.

   A cell is small when its numerator, its denominator or its complement is below 10, zero included,
   or its denominator below 30. A small cell keeps its row and loses its numbers. Every district of
   R01 has a row in every period: an absent one would tell that its count is 0.
   The city's total must not give a hidden cell back. What the hidden cells of a family sum to is
   known (the city less the districts shown), so each of them is only known to lie between 0 and that
   sum. If one cell alone is hidden, or if that sum is below 10 in numerator or complement, the
   smallest of the others is hidden too: it bears at least 10 of each. Where none is left, the city is
   hidden. Only whole periods cross: a running one, published day by day, is differenced into cases.
#}
{% macro declassify(counts) %}
with counted as (
    select indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator, denominator
    from {{ counts }}
    where not is_running and unit_level in ('district', 'city')
),
cell as (
    select
        city.indicator_code, city.window_kind, city.period_start, city.period_end,
        place.unit_district as unit_code,
        coalesce(counted.numerator, 0) as numerator, coalesce(counted.denominator, 0) as denominator
    from counted as city
    cross join {{ ref('int_district_unit') }} as place
    left join counted
        on counted.unit_level = 'district' and counted.unit_code = place.unit_district
        and counted.indicator_code = city.indicator_code
        and counted.window_kind = city.window_kind and counted.period_start = city.period_start
    where city.unit_level = 'city'
    union all
    -- What belongs to no district is part of the city's total, so of the family.
    select
        counted.indicator_code, counted.window_kind, counted.period_start, counted.period_end,
        counted.unit_code, counted.numerator, counted.denominator
    from counted
    left join {{ ref('int_district_unit') }} as place on place.unit_district = counted.unit_code
    where counted.unit_level = 'district' and place.unit_district is null
),
marked as (
    select *, {{ is_small_cell() }} as is_small from cell
),
family as (
    select
        *,
        sum(case when is_small then 1 else 0 end)
            over (partition by indicator_code, window_kind, period_start) as small_n,
        sum(case when is_small then numerator else 0 end)
            over (partition by indicator_code, window_kind, period_start) as small_numerator,
        sum(case when is_small then denominator - numerator else 0 end)
            over (partition by indicator_code, window_kind, period_start) as small_complement,
        row_number() over (
            partition by indicator_code, window_kind, period_start, is_small
            order by denominator, unit_code) as ordinal
    from marked
),
district as (
    select
        *,
        is_small or (
            ordinal = 1 and small_n > 0
            and (small_n = 1 or small_numerator < 10 or small_complement < 10)
        ) as is_hidden
    from family
),
hidden as (
    select
        indicator_code, window_kind, period_start,
        sum(case when is_hidden then 1 else 0 end) as hidden_n,
        sum(case when is_hidden then numerator else 0 end) as hidden_numerator,
        sum(case when is_hidden then denominator - numerator else 0 end) as hidden_complement
    from district
    group by indicator_code, window_kind, period_start
),
judged as (
    select indicator_code, 'district' as unit_level, unit_code, window_kind, period_start, period_end,
        numerator, denominator, is_hidden
    from district
    union all
    select
        city.indicator_code, 'city', city.unit_code, city.window_kind, city.period_start, city.period_end,
        city.numerator, city.denominator,
        {{ is_small_cell('city.') }} or hidden.hidden_n = 1 or (
            hidden.hidden_n > 0 and (hidden.hidden_numerator < 10 or hidden.hidden_complement < 10))
    from counted as city
    inner join hidden
        on hidden.indicator_code = city.indicator_code
        and hidden.window_kind = city.window_kind and hidden.period_start = city.period_start
    where city.unit_level = 'city'
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end,
    case when not is_hidden then numerator end as numerator,
    case when not is_hidden then denominator end as denominator,
    case when not is_hidden then cast(denominator as bigint) end as population_n,
    is_hidden
from judged
{% endmacro %}

{# Published totals of a whole zone (figure, counted_n), for the city alone and to date: rounded down to
   tens, so that two totals that were ever shown are equal or at least ten apart (a day's few cannot
   be had by subtraction), and hidden below ten. #}
{% macro declassify_totals(totals) %}
select
    figure as indicator_code, 'city' as unit_level, '{{ var("city_code") }}' as unit_code,
    'to_date' as window_kind, {{ as_of_date() }} as period_start, {{ as_of_date() }} as period_end,
    case when counted_n >= 10 then cast(counted_n - counted_n % 10 as double) end as numerator,
    cast(null as double) as denominator, cast(null as bigint) as population_n,
    counted_n < 10 as is_hidden
from {{ totals }}
{% endmacro %}

{% macro is_small_cell(table='') -%}
({{ table }}numerator < 10 or {{ table }}denominator - {{ table }}numerator < 10 or {{ table }}denominator < 30)
{%- endmacro %}

{# What crossed, in the columns of every other indicator. Open members never cross. #}
{% macro declassified_counts(code) %}
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end,
    numerator, denominator, cast(null as double) as stat_value, population_n,
    cast(null as bigint) as open_n, cast(null as double) as open_age_days,
    true as is_complete, false as is_provisional, false as is_running
from {{ source('declassified', 'zone_counts') }}
where indicator_code = '{{ code }}'
{% endmacro %}
