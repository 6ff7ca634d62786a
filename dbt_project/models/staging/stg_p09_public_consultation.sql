-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    consult_id,
    decision_id,
    consult_form,
    start_date,
    end_date,
    short_reason_given,
    sample_size,
    support_n,
    oppose_n,
    opinion_n,
    adopted_n,
    feedback_date,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p09_public_consultation') }}
