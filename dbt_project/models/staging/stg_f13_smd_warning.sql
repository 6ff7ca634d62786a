-- Generated from the contracts by `fengqiao generate`; do not edit.
{{ config(tags=['l4', 'zone_health']) }}
select
    warning_id,
    patient_token,
    rule_id,
    warn_kind,
    {{ to_local('warn_time') }} as warn_time,
    {{ to_local('due_time') }} as due_time,
    {{ to_local('respond_time') }} as respond_time,
    handle_kind,
    {{ to_local('handle_time') }} as handle_time,
    needs_intervention,
    {{ to_local('close_time') }} as close_time,
    district_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f13_smd_warning') }}
