-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    petition_no,
    {{ to_local('register_time') }} as register_time,
    channel,
    category,
    purpose,
    project_code,
    has_petitioner_phone,
    is_first,
    prev_petition_no,
    target_org_code,
    town_code,
    {{ to_local('source_update_time') }} as source_update_time,
    handle_path,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p26_petition_matter') }}
