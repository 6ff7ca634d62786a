-- XL-Y03, yellow, repetition: one party's cases of one domain within two years, each below a threshold,
-- together at or above it: was one matter split? The party is a token and is not in the light, which
-- is on the case that filled the sum.
with events as (
    select
        {{ rule_columns() }}, line.case_id as entity_code, line.case_id,
        line.party_id || ' ' || line.case_domain || ' ' || line.amount_kind || ' ' || line.rule_key as group_code,
        line.party_id || ' ' || line.case_domain as party_code,
        line.file_date as event_day,
        {{ add_days(years_before('line.file_date', 'rule.window_years'), 1) }} as window_from,
        {{ midnight('line.file_date') }} as event_at, {{ midnight('line.file_date') }} as raised_at,
        line.amount_involved as weight, line.threshold, rule.least_cases as least_n,
        line.unit_zh as measure_zh, line.rule_key as threshold_key, line._delivery_id, line._source_row
    from {{ ref('int_case_line') }} as line
    {{ rule_in_force('XL-Y03', 'line.file_date') }}
    where line.amount_involved < line.threshold and not line.extra_condition and line.party_id is not null
)
{{ lights([warning_repetition('events', ['case_id', 'cases_n', 'threshold_key'], one_of='party_code')]) }}
