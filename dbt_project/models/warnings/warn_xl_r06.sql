-- XL-R06, red, clock: the police accepted and did not decide, did not answer an agency that asked for
-- review, or the agency did not ask the procuratorate after a second refusal: three days each, to
-- 24:00 of the third.
with timers as (
    {% for ground, started, stopped, condition in [
        ('a', 'cast(warned.police_accept_time as date)', 'warned.police_decide_date', 'true'),
        ('b', 'warned.object_date', 'warned.review_answer_date', "warned.police_result = '2'"),
        ('c', 'warned.review_answer_date', 'warned.supervise_ask_date', "warned.review_answer_result = '2'")] %}
    select
        {{ rule_columns() }}, warned.warning_id as entity_code, warned.case_id,
        {{ midnight(started) }} as started_at,
        {{ day_deadline(started, 'rule.limit_days') }},
        {{ midnight(stopped) }} as stopped_at, warned._delivery_id, warned._source_row
    from {{ ref('fct_transfer_warning') }} as warned
    {{ rule_in_force('XL-R06', started, ground) }}
    where {{ condition }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
{{ lights([warning_clock('timers', ['case_id'])]) }}
