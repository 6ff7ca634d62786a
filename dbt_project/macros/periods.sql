{# Window arithmetic. A window is named by its kind; a row belongs to exactly one period by its
   period_date. A stock is read on its day. #}
{% macro period_start(window, day) %}{% if window == 'month' %}{{ month_of(day) }}{% else %}{{ day }}{% endif %}{% endmacro %}
{% macro period_end(window, day) %}{% if window == 'month' %}last_day({{ day }}){% else %}{{ day }}{% endif %}{% endmacro %}

{# A period runs until 24:00 of its last day has passed. #}
{% macro is_running(period_end_expression) %}({{ period_end_expression }} >= {{ as_of_date() }}){% endmacro %}
