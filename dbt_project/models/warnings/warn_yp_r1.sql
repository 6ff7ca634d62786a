-- YP-R1, red, missing (the part outside the zone): a district's monthly total says that records due for
-- sealing were not sealed. Of small numbers nothing is told but that the light is there (k10).
with needs as (
    select
        {{ rule_columns() }}, total.district_code as entity_code, total.district_code as region_code,
        {{ year_month('total.month_start') }} as occasion,
        {{ day_deadline('last_day(total.month_start)', 0) }},
        cast(null as {{ local_type() }}) as came_at, total._delivery_id, total._source_row
    from {{ ref('fct_youth_total') }} as total
    {{ rule_in_force('YP-R1', 'total.month_start', 'b') }}
    where not total.suppressed and total.seal_done_n < total.seal_due_n and total.district_code <> {{ city_code() }}
),
missing as (select *, due_at as needed_at from needs)
{{ lights([warning_missing('missing', ['occasion', 'region_code'])]) }}
