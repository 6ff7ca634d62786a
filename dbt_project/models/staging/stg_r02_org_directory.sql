-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    code_scheme,
    org_code,
    name_zh,
    org_kind,
    org_level,
    parent_org_code,
    dept_org_code,
    region_code,
    town_code,
    enf_domain,
    on_dept_card,
    valid_from,
    valid_to,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'r02_org_directory') }}
