-- XL-R03, red, threshold: an act that is a crime by its nature (poison in food, falsified monitoring,
-- hazardous waste through a hidden pipe) was found and the case not handed over.
with measures as (
    select
        {{ rule_columns() }}, filed.case_id as entity_code, filed.case_id,
        1 as value_compared, rule.limit_value as threshold, '项' as measure_zh,
        {{ midnight('filed.file_date') }} as since_at, {{ midnight('filed.transfer_date') }} as until_at,
        filed._delivery_id, filed._source_row
    from {{ ref('fct_enforcement_case') }} as filed
    {{ rule_in_force('XL-R03', 'filed.file_date') }}
    where filed.act_flag in ('01', '02', '03')
)
{{ lights([warning_threshold('measures', also=['case_id'])]) }}
