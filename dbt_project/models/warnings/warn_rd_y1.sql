-- RD-Y1, yellow: a measure against a medium risk is overdue (clock); the public was asked for less than
-- 30 days and no reason was given (threshold); nobody answered its comments within 15 days (clock).
with timers as (
    select
        {{ rule_columns() }}, risk.decision_id as entity_code,
        {{ midnight('measure.measure_due') }} as started_at, {{ day_deadline('measure.measure_due', 'rule.limit_days') }},
        {{ midnight('least(measure.measure_done, risk.replaced_date)') }} as stopped_at,
        measure._delivery_id, measure._source_row
    from {{ ref('fct_risk_measure') }} as measure
    inner join {{ ref('int_decision_risk') }} as risk on risk.report_id = measure.report_id
    {{ rule_in_force('RD-Y1', 'measure.measure_due', 'a') }}
    where risk.risk_level = 'M'
    union all
    select
        {{ rule_columns() }}, asked.decision_id,
        {{ midnight('asked.end_date') }}, {{ day_deadline('asked.end_date', 'rule.limit_days') }},
        {{ midnight('asked.feedback_date') }}, asked._delivery_id, asked._source_row
    from {{ ref('fct_consultation') }} as asked
    {{ rule_in_force('RD-Y1', 'asked.end_date', 'c') }}
    where asked.opinion_n > 0
),
measures as (
    select
        {{ rule_columns() }}, asked.decision_id as entity_code,
        {{ days_between('asked.start_date', 'asked.end_date') }} as value_compared,
        rule.limit_days as threshold, '日' as measure_zh,
        {{ midnight('asked.start_date') }} as since_at, cast(null as {{ local_type() }}) as until_at,
        asked._delivery_id, asked._source_row
    from {{ ref('fct_consultation') }} as asked
    {{ rule_in_force('RD-Y1', 'asked.start_date', 'b') }}
    where asked.consult_form = '01' and not asked.short_reason_given
)
{{ lights([warning_clock('timers'), warning_threshold('measures', 'value_compared < threshold')]) }}
