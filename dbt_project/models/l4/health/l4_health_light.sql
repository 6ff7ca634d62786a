{{ config(materialized='table') }}
-- The lights of the health zone, for those who care for the patients. They never leave it, nor do their
-- numbers: the visits overdue are published as H02, and counts by rule beside it would be parts of a
-- known whole, whose rest may be a few.
{% for rule in ['y1', 'r1', 'y2', 'r2'] %}
select {{ light_columns() }} from {{ ref('warn_mh_' ~ rule) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
