{# The model has one row per combination of columns, none of them null: its grain, tested. #}
{% test one_row_per(model, columns) %}
select {{ columns | join(', ') }}, count(*) as rows_n
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
  {%- for column in columns %} or {{ column }} is null{% endfor %}
{% endtest %}
