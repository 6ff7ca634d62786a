{# Window arithmetic. A window is named by its kind; a row belongs to exactly one period by its
   period_date. A stock is read on its day; to_date holds everything up to as_of, and its period is
   the day it is read on. #}
{% macro period_start(window, day) %}{% if window == 'month' %}{{ month_of(day) }}{% elif window == 'to_date' %}{{ as_of_date() }}{% else %}{{ day }}{% endif %}{% endmacro %}
{% macro period_end(window, day) %}{% if window == 'month' %}last_day({{ day }}){% elif window == 'to_date' %}{{ as_of_date() }}{% else %}{{ day }}{% endif %}{% endmacro %}

{# A period runs until 24:00 of its last day has passed. #}
{% macro is_running(period_end_expression) %}({{ period_end_expression }} >= {{ as_of_date() }}){% endmacro %}
