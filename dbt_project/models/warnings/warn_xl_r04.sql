-- XL-R04, red, threshold: a new act after as many penalties as the row for repeated offences says, and
-- not handed over. Such a row weighs penalties (of two years, or ever), or, for tobacco, an amount
-- beside the penalties of three years; its extra condition is the repetition itself.
with measures as (
    select
        {{ rule_columns() }}, charge.case_id as entity_code, charge.case_id,
        charge.metric as value_compared, charge.threshold, '次' as measure_zh,
        charge.rule_key as threshold_key,
        {{ midnight('charge.file_date') }} as since_at, {{ midnight('charge.transfer_date') }} as until_at,
        charge._delivery_id, charge._source_row
    from {{ ref('int_case_charge') }} as charge
    {{ rule_in_force('XL-R04', 'charge.file_date', 'a') }}
    where charge.counts_penalties
    union all
    select
        {{ rule_columns() }}, charge.case_id, charge.case_id,
        charge.prior_penalty_3y_n, rule.least_cases, '次', charge.rule_key,
        {{ midnight('charge.file_date') }}, {{ midnight('charge.transfer_date') }},
        charge._delivery_id, charge._source_row
    from {{ ref('int_case_charge') }} as charge
    {{ rule_in_force('XL-R04', 'charge.file_date', 'b') }}
    where charge.rule_key = rule.charge_key and charge.is_met
)
{{ lights([warning_threshold('measures', also=['case_id', 'threshold_key'])]) }}
