-- RD-R2, red, missing: the latest assessment says high risk, and the decision was taken or the building
-- begun all the same, where a new report was needed.
with needs as (
    select
        {{ rule_columns() }}, decision.decision_id as entity_code,
        decision.lead_org_code as org_code, decision.region_code,
        {{ midnight('decision.decide_date') }} as needed_at, false as by_day,
        {{ midnight('risk.replaced_date') }} as came_at, decision._delivery_id, decision._source_row
    from {{ ref('int_decision_risk') }} as risk
    inner join {{ ref('fct_decision') }} as decision on decision.decision_id = risk.decision_id
    {{ rule_in_force('RD-R2', 'risk.report_date', 'a') }}
    where risk.risk_level = 'H' and decision.decide_date >= risk.report_date
    union all
    select
        {{ rule_columns() }}, decision.decision_id, decision.lead_org_code, decision.region_code,
        {{ midnight('greatest(risk.report_date, project.start_date)') }}, false,
        {{ midnight('risk.replaced_date') }}, decision._delivery_id, decision._source_row
    from {{ ref('int_decision_risk') }} as risk
    inner join {{ ref('fct_decision') }} as decision on decision.decision_id = risk.decision_id
    inner join {{ ref('fct_project_start') }} as project on project.project_code = decision.project_code
    {{ rule_in_force('RD-R2', 'risk.report_date', 'b') }}
    where risk.risk_level = 'H'
)
{{ lights([warning_missing('needs', ['org_code', 'region_code'])]) }}
