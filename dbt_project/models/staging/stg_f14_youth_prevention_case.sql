-- Generated from the contracts by `fengqiao generate`; do not edit.
{{ config(tags=['l4', 'zone_minors']) }}
select
    case_token,
    age_band,
    district_code,
    open_date,
    stage,
    legal_basis,
    referrer,
    first_contact_due,
    first_contact_date,
    measure_kind,
    guardian_informed,
    school_work_status,
    close_date,
    close_reason,
    appeal_flag,
    measure_date,
    appeal_result,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f14_youth_prevention_case') }}
