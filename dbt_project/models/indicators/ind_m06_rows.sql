-- M06, population: public consultations by notice (form 01) that ended (period date = last day);
-- numerator: thirty days long, the first day not counted, or shorter with a stated reason.
select
    consultation.consult_id as row_key,
    consultation.end_date as period_date,
    {{ unit_department_column('decision.lead_org_code') }},
    org.unit_town,
    {{ unit_region_column('consultation.region_code') }},
    case when consultation.end_date >= {{ add_days('consultation.start_date', 30) }}
        or consultation.short_reason_given then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    consultation.start_date, consultation.end_date, consultation.short_reason_given,
    consultation._delivery_id, consultation._source_row
from {{ ref('stg_p09_public_consultation') }} as consultation
left join {{ ref('fct_decision') }} as decision on decision.decision_id = consultation.decision_id
{{ unit_department_join('decision.lead_org_code') }}
{{ unit_region_join('consultation.region_code') }}
where consultation.consult_form = '01' and consultation.end_date <= {{ as_of_date() }}
