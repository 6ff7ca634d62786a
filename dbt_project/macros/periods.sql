{# Window arithmetic. A window is named by its kind; a row belongs to exactly one period by its
   period_date. A stock is read on its day; to_date holds everything up to as_of, and its period is
   the day it is read on. Quarters, half-years and years are those of the calendar. A year to date
   (ytd) bears the name of its last month, so each of them has a period_start of its own. #}
{% macro period_start(window, day) -%}
{%- if window in ('month', 'quarter', 'year') -%}
cast(date_trunc('{{ window }}', {{ day }}) as date)
{%- elif window == 'half_year' -%}
make_date(cast(extract(year from {{ day }}) as integer), case when extract(month from {{ day }}) < 7 then 1 else 7 end, 1)
{%- elif window == 'ytd' -%}
cast(date_trunc('month', {{ day }}) as date)
{%- elif window == 'to_date' -%}
{{ as_of_date() }}
{%- else -%}
{{ day }}
{%- endif -%}
{%- endmacro %}
{% macro period_end(window, day) -%}
{%- if window in ('month', 'ytd') -%}
last_day({{ day }})
{%- elif window in ('quarter', 'half_year', 'year') -%}
last_day({{ months_after(period_start(window, day), {'quarter': 2, 'half_year': 5, 'year': 11}[window]) }})
{%- elif window == 'to_date' -%}
{{ as_of_date() }}
{%- else -%}
{{ day }}
{%- endif -%}
{%- endmacro %}

{# The last day of the longest of some windows that as_of lies in: what is due later is not counted. #}
{% macro furthest_day(windows) -%}
{%- if 'year' in windows %}{{ period_end('year', as_of_date()) }}
{%- elif 'half_year' in windows %}{{ period_end('half_year', as_of_date()) }}
{%- elif 'quarter' in windows %}{{ period_end('quarter', as_of_date()) }}
{%- else %}last_day({{ as_of_date() }}){% endif -%}
{%- endmacro %}

{# A period runs until 24:00 of its last day has passed. #}
{% macro is_running(period_end_expression) %}({{ period_end_expression }} >= {{ as_of_date() }}){% endmacro %}

{# Periods that feeds name by a text (reading 22): YYYYMM and YYYYQn by their first day. #}
{% macro day_of_month_text(text) %}cast(substr({{ text }}, 1, 4) || '-' || substr({{ text }}, 5, 2) || '-01' as date){% endmacro %}
{% macro day_of_quarter_text(text) %}make_date(cast(substr({{ text }}, 1, 4) as integer), 3 * cast(substr({{ text }}, 6, 1) as integer) - 2, 1){% endmacro %}
