-- PS-Y1, yellow, clock: a suggestion of the procuratorate has no reply after 45 days.
with timers as (
    select
        {{ rule_columns() }}, suggested.suggestion_id as entity_code, suggested.org_code, suggested.region_code,
        {{ midnight('suggested.suggest_date') }} as started_at,
        {{ day_deadline('suggested.suggest_date', 'rule.limit_days') }},
        {{ midnight('suggested.reply_date') }} as stopped_at, suggested._delivery_id, suggested._source_row
    from {{ ref('int_suggestion') }} as suggested
    {{ rule_in_force('PS-Y1', 'suggested.suggest_date') }}
)
{{ lights([warning_clock('timers', ['org_code', 'region_code'])]) }}
