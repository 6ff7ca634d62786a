{# Of a share, the numerator is a subset of the denominator (conventions of the domain). #}
{% test share_within_bounds(model, indicators) %}
select indicator_code, unit_level, unit_code, window_kind, period_start, numerator, denominator
from {{ model }}
where indicator_code in ({% for code in indicators %}'{{ code }}'{% if not loop.last %}, {% endif %}{% endfor %})
  and (numerator < 0 or numerator > denominator)
{% endtest %}
