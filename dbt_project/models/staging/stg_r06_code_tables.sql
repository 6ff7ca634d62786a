-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    code_table,
    code,
    label_zh,
    label_en,
    origin,
    table_kind,
    pattern,
    num_lo,
    num_hi,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'r06_code_tables') }}
