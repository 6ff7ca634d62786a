-- XL-Y06, yellow, accumulation: several cases of one agency in a quarter lie just below a threshold.
with bunched as (
    select distinct
        line.case_id, line.agency_code, line.region_code, line.file_date, line._delivery_id, line._source_row
    from {{ ref('int_case_line') }} as line
    {{ rule_in_force('XL-Y06', 'line.file_date') }}
    where line.amount_involved * 100 >= line.threshold * rule.from_share
      and line.amount_involved * 100 < line.threshold * rule.limit_share
),
items as (
    select
        {{ rule_columns() }}, bunched.agency_code as entity_code, bunched.agency_code as org_code,
        {{ quarter_text('bunched.file_date') }} as occasion,
        {{ midnight('bunched.file_date') }} as item_at, 1 as part, 1 as whole,
        rule.least_cases as threshold, '件' as measure_zh, bunched._delivery_id, bunched._source_row
    from bunched
    {{ rule_in_force('XL-Y06', 'bunched.file_date') }}
)
{{ lights([warning_accumulation('items', 'part_sum >= threshold', 'part_sum', ['occasion', 'org_code'])]) }}
