-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    stat_month,
    district_code,
    age_band,
    offence_group,
    person_n,
    reoffend_person_n,
    released_cohort_n,
    covered_youth_n,
    suppressed,
    report_batch,
    person_ytd_n,
    seal_due_n,
    seal_done_n,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f15_youth_offence_monthly') }}
