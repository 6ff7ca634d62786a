-- XL-Y01, yellow, threshold: a case comes near a criminal threshold of its charge, or reaches one
-- whose extra condition nobody has yet established.
with measures as (
    select
        {{ rule_columns() }}, charge.case_id as entity_code, charge.case_id,
        charge.metric as value_compared, charge.threshold, charge.unit_zh as measure_zh,
        charge.rule_key as threshold_key,
        {{ midnight('charge.file_date') }} as since_at, cast(null as {{ local_type() }}) as until_at,
        charge._delivery_id, charge._source_row
    from {{ ref('int_case_charge') }} as charge
    {{ rule_in_force('XL-Y01', 'charge.file_date', 'a') }}
    where charge.metric_share >= rule.from_share and charge.metric_share < rule.limit_share
    union all
    select
        {{ rule_columns() }}, charge.case_id, charge.case_id,
        charge.metric, charge.threshold, charge.unit_zh, charge.rule_key,
        {{ midnight('charge.file_date') }}, cast(null as {{ local_type() }}),
        charge._delivery_id, charge._source_row
    from {{ ref('int_case_charge') }} as charge
    {{ rule_in_force('XL-Y01', 'charge.file_date', 'b') }}
    where charge.metric_share >= rule.limit_share and charge.extra_condition
      and charge.extra_condition_met is null
)
{{ lights([warning_threshold('measures', 'true', ['case_id', 'threshold_key'])]) }}
