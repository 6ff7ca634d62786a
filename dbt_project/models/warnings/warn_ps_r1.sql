-- PS-R1, red, clock: a suggestion of the procuratorate has no reply after two months.
with timers as (
    select
        {{ rule_columns() }}, suggested.suggestion_id as entity_code, suggested.org_code, suggested.region_code,
        {{ midnight('suggested.suggest_date') }} as started_at,
        {{ day_deadline(months_later('suggested.suggest_date', 'rule.limit_months'), 0) }},
        {{ midnight('suggested.reply_date') }} as stopped_at, suggested._delivery_id, suggested._source_row
    from {{ ref('int_suggestion') }} as suggested
    {{ rule_in_force('PS-R1', 'suggested.suggest_date') }}
)
{{ lights([warning_clock('timers', ['org_code', 'region_code'])]) }}
