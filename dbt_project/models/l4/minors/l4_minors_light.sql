{{ config(materialized='table') }}
-- The lights of the minors' zone, for those who help. They never leave it, nor do their numbers.
{% for rule in ['y1', 'r1_case', 'y2'] %}
select {{ light_columns() }} from {{ ref('warn_yp_' ~ rule) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
