{# What DuckDB and Spark spell differently, once. Local time is Asia/Shanghai, held naive. #}

{# UTC instant -> local naive timestamp. #}
{% macro to_local(column) %}{{ return(adapter.dispatch('to_local', 'fengqiao')(column)) }}{% endmacro %}
{% macro default__to_local(column) %}timezone('Asia/Shanghai', {{ column }}){% endmacro %}
{% macro spark__to_local(column) %}cast(from_utc_timestamp({{ column }}, 'Asia/Shanghai') as timestamp_ntz){% endmacro %}

{# The type of a local naive timestamp: Spark's plain TIMESTAMP is an instant. #}
{% macro local_type() %}{{ return(adapter.dispatch('local_type', 'fengqiao')()) }}{% endmacro %}
{% macro default__local_type() %}timestamp{% endmacro %}
{% macro spark__local_type() %}timestamp_ntz{% endmacro %}

{# Elapsed days as a fraction (seconds / 86,400): dbt.datediff counts boundary crossings. #}
{% macro elapsed_days(earlier, later) %}{{ return(adapter.dispatch('elapsed_days', 'fengqiao')(earlier, later)) }}{% endmacro %}
{% macro default__elapsed_days(earlier, later) %}(cast(date_diff('microsecond', {{ earlier }}, {{ later }}) as double) / cast(86400000000 as double)){% endmacro %}
{% macro spark__elapsed_days(earlier, later) %}(cast(timestampdiff(MICROSECOND, {{ earlier }}, {{ later }}) as double) / cast(86400000000 as double)){% endmacro %}

{# A date n whole days later. #}
{% macro add_days(day, n) %}{{ return(adapter.dispatch('add_days', 'fengqiao')(day, n)) }}{% endmacro %}
{% macro default__add_days(day, n) %}({{ day }} + cast({{ n }} as integer)){% endmacro %}
{% macro spark__add_days(day, n) %}date_add({{ day }}, {{ n }}){% endmacro %}

{# A local moment n minutes later (n an integer expression). #}
{% macro add_minutes(moment, n) %}{{ return(adapter.dispatch('add_minutes', 'fengqiao')(moment, n)) }}{% endmacro %}
{% macro default__add_minutes(moment, n) %}({{ moment }} + to_minutes(cast({{ n }} as bigint))){% endmacro %}
{% macro spark__add_minutes(moment, n) %}timestampadd(MINUTE, {{ n }}, {{ moment }}){% endmacro %}

{# 00:00 of a day as a local moment. #}
{% macro midnight(day) %}cast({{ day }} as {{ local_type() }}){% endmacro %}

{# A date n whole months earlier. #}
{% macro months_before(day, n) %}cast(({{ day }} - interval '{{ n }}' month) as date){% endmacro %}

{# A date n whole months later. #}
{% macro months_after(day, n) %}cast(({{ day }} + interval '{{ n }}' month) as date){% endmacro %}

{# A date n whole years earlier (n an integer expression). #}
{% macro years_before(day, n) %}{{ return(adapter.dispatch('years_before', 'fengqiao')(day, n)) }}{% endmacro %}
{% macro default__years_before(day, n) %}cast(({{ day }} - to_years({{ n }})) as date){% endmacro %}
{% macro spark__years_before(day, n) %}add_months({{ day }}, -12 * {{ n }}){% endmacro %}

{# Every day from..to, one row each, column cal_day. An empty range gives no row. #}
{% macro day_spine(first, last) %}{{ return(adapter.dispatch('day_spine', 'fengqiao')(first, last)) }}{% endmacro %}
{% macro default__day_spine(first, last) %}select cast(unnest(generate_series({{ first }}, {{ last }}, interval '1' day)) as date) as cal_day{% endmacro %}
{% macro spark__day_spine(first, last) %}select explode(if({{ first }} <= {{ last }}, sequence({{ first }}, {{ last }}, interval 1 day), array())) as cal_day{% endmacro %}

{# Monday is 1 in both engines (dayofweek and extract(dow) differ between them). #}
{% macro iso_weekday(day) %}{{ return(adapter.dispatch('iso_weekday', 'fengqiao')(day)) }}{% endmacro %}
{% macro default__iso_weekday(day) %}cast(isodow({{ day }}) as integer){% endmacro %}
{% macro spark__iso_weekday(day) %}cast(weekday({{ day }}) + 1 as integer){% endmacro %}

{# Text without a length: `varchar` alone is an error on Spark. #}
{% macro text(expression) %}cast({{ expression }} as {{ dbt.type_string() }}){% endmacro %}

{% macro month_of(day) %}cast(date_trunc('month', {{ day }}) as date){% endmacro %}
{% macro year_month(day) %}substr({{ text('cast(' ~ day ~ ' as date)') }}, 1, 7){% endmacro %}

{# The one clock: var as_of, a local timestamp, and its date. #}
{% macro as_of() %}cast('{{ var("as_of") }}' as {{ local_type() }}){% endmacro %}
{% macro as_of_date() %}cast('{{ var("as_of")[:10] }}' as date){% endmacro %}

{# Two values as one key to order by: of equal firsts the second decides, on every engine the same. #}
{% macro pair(first, second) %}{{ return(adapter.dispatch('pair', 'fengqiao')(first, second)) }}{% endmacro %}
{% macro default__pair(first, second) %}row({{ first }}, {{ second }}){% endmacro %}
{% macro spark__pair(first, second) %}struct({{ first }}, {{ second }}){% endmacro %}
