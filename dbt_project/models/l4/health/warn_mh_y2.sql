-- MH-Y2, yellow: a patient's medicine is interrupted, there is no guardian, the guardian's subsidy was
-- not paid sixty days after it was due (missing), or a stable patient's visit is fifteen to thirty days
-- overdue (threshold). Prescriber and subsidy office act. For the health domain only.
with needs as (
    {% for ground, condition in [('a', "patient.medication = '2'"), ('b', 'not patient.has_guardian')] %}
    select
        {{ rule_columns() }}, patient.patient_token as entity_code, patient.district_code as region_code,
        {{ midnight('patient.visit_date') }} as needed_at, false as by_day,
        cast(null as {{ local_type() }}) as came_at, patient._delivery_id, patient._source_row
    from {{ ref('int_patient_latest') }} as patient
    {{ rule_in_force('MH-Y2', 'patient.visit_date', ground) }}
    where {{ condition }}
    union all
    {% endfor %}
    select
        due.rule_id, due.rule_version, due.ground, due.entity_kind, due.entity_code, due.region_code,
        due.due_at, due.by_day, cast(null as {{ local_type() }}), due._delivery_id, due._source_row
    from (
        select
            {{ rule_columns() }}, patient.patient_token as entity_code, patient.district_code as region_code,
            {{ day_deadline('patient.subsidy_due_date', 'rule.limit_days') }},
            patient._delivery_id, patient._source_row
        from {{ ref('int_patient_latest') }} as patient
        {{ rule_in_force('MH-Y2', 'patient.subsidy_due_date', 'c') }}
        where patient.subsidy_eligible and not patient.guardian_subsidy
    ) as due
),
measures as (
    select
        {{ rule_columns() }}, patient.patient_token as entity_code, patient.district_code as region_code,
        patient.overdue_days as value_compared, rule.limit_days as threshold, '日' as measure_zh,
        {{ midnight(add_days('patient.next_due', 'rule.from_days')) }} as since_at,
        cast(null as {{ local_type() }}) as until_at, rule.from_days,
        patient._delivery_id, patient._source_row
    from {{ ref('int_patient_latest') }} as patient
    {{ rule_in_force('MH-Y2', 'patient.next_due', 'd') }}
    where patient.is_visited and patient.stability in ('S', 'B')
)
{{ lights([
    warning_missing('needs', ['region_code']),
    warning_threshold('measures', 'value_compared between from_days and threshold', ['region_code'])]) }}
