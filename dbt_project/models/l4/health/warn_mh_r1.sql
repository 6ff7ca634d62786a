-- MH-R1, red, threshold: the visit to an unstable patient is overdue, or any visit by over thirty days:
-- the clinic goes there within a day. For the health domain only.
with measures as (
    {% for ground, condition in [('a', "and patient.stability = 'U'"), ('b', '')] %}
    select
        {{ rule_columns() }}, patient.patient_token as entity_code, patient.district_code as region_code,
        patient.overdue_days as value_compared, rule.limit_days as threshold, '日' as measure_zh,
        {{ midnight(add_days('patient.next_due', '(rule.limit_days + 1)')) }} as since_at,
        cast(null as {{ local_type() }}) as until_at, patient._delivery_id, patient._source_row
    from {{ ref('int_patient_latest') }} as patient
    {{ rule_in_force('MH-R1', 'patient.next_due', ground) }}
    where patient.is_visited {{ condition }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
{{ lights([warning_threshold('measures', 'value_compared > threshold', ['region_code'])]) }}
