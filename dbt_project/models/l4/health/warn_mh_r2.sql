-- MH-R2, red: a clinician newly finds a risk of level 3 or more (threshold), or somebody asked for help
-- in a crisis and nobody has answered (missing). A clinician goes first. For the health domain only.
with measures as (
    select
        {{ rule_columns() }}, patient.patient_token as entity_code, patient.district_code as region_code,
        patient.risk_level as value_compared, rule.limit_value as threshold, '级' as measure_zh,
        {{ midnight('patient.visit_date') }} as since_at, cast(null as {{ local_type() }}) as until_at,
        coalesce(patient.previous_risk_level < rule.limit_value, true) as is_new,
        patient._delivery_id, patient._source_row
    from {{ ref('int_patient_latest') }} as patient
    {{ rule_in_force('MH-R2', 'patient.visit_date', 'a') }}
    where patient.assess_role in ('1', '2')
),
needs as (
    select
        {{ rule_columns() }}, asked.patient_token as entity_code, asked.district_code as region_code,
        asked.warn_time as needed_at, false as by_day, asked.respond_time as came_at,
        asked._delivery_id, asked._source_row
    from {{ ref('stg_f13_smd_warning') }} as asked
    {{ rule_in_force('MH-R2', 'cast(asked.warn_time as date)', 'b') }}
    where asked.warn_kind = '03'
)
{{ lights([
    warning_threshold('measures', 'is_new and value_compared >= threshold', ['region_code']),
    warning_missing('needs', ['region_code'])]) }}
