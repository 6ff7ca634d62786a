-- XL-R01, red, threshold: a case reaches a criminal threshold and was not handed to the police. One
-- light per case, by the first row of its charge that it meets.
with measures as (
    select
        {{ rule_columns() }}, charge.case_id as entity_code, charge.case_id,
        charge.value_met as value_compared, charge.threshold_met as threshold,
        charge.unit_met_zh as measure_zh, charge.rule_key as threshold_key,
        {{ midnight('charge.file_date') }} as since_at, {{ midnight('charge.transfer_date') }} as until_at,
        row_number() over (partition by charge.case_id order by charge.rule_key) as line_no,
        charge._delivery_id, charge._source_row
    from {{ ref('int_case_charge') }} as charge
    {{ rule_in_force('XL-R01', 'charge.file_date') }}
    where charge.is_met and (not charge.extra_condition or charge.extra_condition_met)
)
{{ lights([warning_threshold('measures', 'line_no = 1', ['case_id', 'threshold_key'])]) }}
