-- EC-Y1, yellow, clock: an enforcement case is open after five months (after two, if it enforces an
-- administrative decision), the days the law deducts added. case_no is the court's token of it.
with timers as (
    {% for ground, kinds in [('a', "'1', '2'"), ('b', "'3'")] %}
    select
        {{ rule_columns() }}, court.case_no as entity_code, court.region_code,
        {{ midnight('court.file_date') }} as started_at,
        {{ day_deadline(months_later('court.file_date', 'rule.limit_months'), 'court.deduct_days') }},
        {{ midnight('court.close_date') }} as stopped_at, court._delivery_id, court._source_row
    from {{ ref('fct_court_case') }} as court
    {{ rule_in_force('EC-Y1', 'court.file_date', ground) }}
    where court.case_kind in ({{ kinds }})
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
{{ lights([warning_clock('timers', ['region_code'])]) }}
