-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    entity_id,
    project_code,
    uscc,
    entity_name,
    entity_role,
    ownership,
    has_contact_phone,
    credit_level,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p03_project_legal_entity') }}
