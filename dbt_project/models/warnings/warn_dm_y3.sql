-- DM-Y3, yellow, threshold: ten workers or more are owed wages of over a month. The order to pay is the
-- first dated thing of such a case; where there is none, when the case was told.
with measures as (
    select
        {{ rule_columns() }}, wage.case_id as entity_code, wage.town_code, wage.worker_n as cases_n,
        wage.arrears_months as value_compared, rule.limit_value as threshold, '月' as measure_zh,
        coalesce({{ midnight('wage.order_pay_date') }}, wage.source_update_time) as since_at,
        {{ midnight('wage.paid_date') }} as until_at, rule.least_cases,
        wage._delivery_id, wage._source_row
    from {{ ref('fct_wage_case') }} as wage
    {{ rule_in_force('DM-Y3', 'coalesce(wage.order_pay_date, cast(wage.source_update_time as date))') }}
)
{{ lights([warning_threshold('measures', 'cases_n >= least_cases and value_compared > threshold', ['town_code', 'cases_n'])]) }}
