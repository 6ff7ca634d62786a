-- RD-R1, red, missing: a decision that needed an assessment was taken, and no report on it was filed by
-- that day. A later filing ends the light; it was raised.
with needs as (
    select
        {{ rule_columns() }}, decision.decision_id as entity_code,
        decision.lead_org_code as org_code, decision.region_code,
        {{ day_deadline('decision.decide_date', 0) }}, {{ midnight('decision.first_filed_date') }} as came_at,
        decision._delivery_id, decision._source_row
    from {{ ref('fct_decision') }} as decision
    {{ rule_in_force('RD-R1', 'decision.decide_date') }}
    where decision.must_assess and decision.decide_date is not null
),
missing as (select *, due_at as needed_at from needs)
{{ lights([warning_missing('missing', ['org_code', 'region_code'])]) }}
