{# Indicators whose value is a statistic of durations or shares instead of a quotient: their rows bear
   `value`, their counts stat_value. By month. #}

{# Every month from the first that a fact knows to that of as_of: period_start, period_end. #}
{% macro months_since(fact, moment) -%}
select spine.cal_day as period_start, last_day(spine.cal_day) as period_end
    from ({{ day_spine("date '2015-01-01'", as_of_date()) }}) as spine
    inner join (
        select {{ month_of('cast(min(' ~ moment ~ ') as date)') }} as first_day from {{ ref(fact) }}
    ) as known on spine.cal_day >= known.first_day
    where spine.cal_day = {{ month_of('spine.cal_day') }}
{%- endmacro %}

{# The columns every such indicator ends in. `counted` has rows_n, statistic, open_n, age_days. #}
{% macro statistic_columns(code, level) -%}
    '{{ code }}' as indicator_code,
    '{{ level }}' as unit_level,
    unit_code,
    'month' as window_kind,
    period_start,
    period_end,
    cast(null as double) as numerator,
    cast(rows_n as double) as denominator,
    statistic as stat_value,
    rows_n as population_n,
    open_n,
    age_days as open_age_days,
    true as is_complete,
    false as is_provisional,
    {{ is_running('period_end') }} as is_running
{%- endmacro %}

{# Median. `still_open` (unit columns, period_start, period_end, age_days), where a member can be open,
   stands beside it. #}
{% macro count_median(code, rows, still_open, levels) %}
{% for level in levels %}
select
    {{ statistic_columns(code, level) }}
from (
    select
        coalesce(closed.unit_code, waiting.unit_code) as unit_code,
        coalesce(closed.period_start, waiting.period_start) as period_start,
        coalesce(closed.period_end, waiting.period_end) as period_end,
        coalesce(closed.rows_n, 0) as rows_n,
        closed.statistic,
        coalesce(waiting.rows_n, 0) as open_n,
        waiting.age_days
    from (
        select
            {{ unit_expression(level) }} as unit_code,
            {{ month_of('period_date') }} as period_start, last_day(period_date) as period_end,
            cast(count(*) as bigint) as rows_n, median(value) as statistic
        from {{ rows }}
        group by 1, 2, 3
    ) as closed
    full outer join (
        {% if still_open -%}
        select
            {{ unit_expression(level) }} as unit_code, period_start, period_end,
            cast(count(*) as bigint) as rows_n, median(age_days) as age_days
        from {{ still_open }}
        group by 1, 2, 3
        {%- else -%}
        select
            cast(null as {{ dbt.type_string() }}) as unit_code, cast(null as date) as period_start,
            cast(null as date) as period_end, cast(null as bigint) as rows_n,
            cast(null as double) as age_days
        where false
        {%- endif %}
    ) as waiting
        on waiting.unit_code = closed.unit_code and waiting.period_start = closed.period_start
) as counted
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endmacro %}

{# Mean without the floor(5 %) smallest and the floor(5 %) largest; of fewer than 20 the plain mean. #}
{% macro count_trimmed_mean(code, rows, levels) %}
{% for level in levels %}
select
    {{ statistic_columns(code, level) }}
from (
    select
        unit_code, period_start, period_end, rows_n, avg(value) as statistic,
        cast(0 as bigint) as open_n, cast(null as double) as age_days
    from (
        select
            unit_code, period_start, period_end, value,
            row_number() over (partition by unit_code, period_start order by value) as ordinal,
            cast(count(*) over (partition by unit_code, period_start) as bigint) as rows_n
        from (
            select
                {{ unit_expression(level) }} as unit_code,
                {{ month_of('period_date') }} as period_start, last_day(period_date) as period_end, value
            from {{ rows }}
        ) as placed
    ) as ordered
    where ordinal > floor(rows_n / 20) and ordinal <= rows_n - floor(rows_n / 20)
    group by unit_code, period_start, period_end, rows_n
) as counted
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endmacro %}
