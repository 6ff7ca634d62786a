-- MH-Y1, yellow, threshold: the visit to a stable or basically stable patient is one to fourteen days
-- overdue: a nurse calls. For the health domain only; no light of a person leaves the zone.
with measures as (
    select
        {{ rule_columns() }}, patient.patient_token as entity_code, patient.district_code as region_code,
        patient.overdue_days as value_compared, rule.limit_days as threshold, '日' as measure_zh,
        {{ midnight(add_days('patient.next_due', 'rule.from_days')) }} as since_at,
        cast(null as {{ local_type() }}) as until_at, rule.from_days,
        patient._delivery_id, patient._source_row
    from {{ ref('int_patient_latest') }} as patient
    {{ rule_in_force('MH-Y1', 'patient.next_due') }}
    where patient.is_visited and patient.stability in ('S', 'B')
)
{{ lights([warning_threshold('measures', 'value_compared between from_days and threshold', ['region_code'])]) }}
