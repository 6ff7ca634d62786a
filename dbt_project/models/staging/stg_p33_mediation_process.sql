-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    mediation_id,
    dispute_code,
    mediator_token,
    mediation_form,
    {{ to_local('begin_time') }} as begin_time,
    {{ to_local('end_time') }} as end_time,
    result,
    agreement_type,
    performed,
    perform_due,
    party_refused,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p33_mediation_process') }}
