-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    comment_id,
    eia_id,
    comment_date,
    stance,
    concern,
    has_commenter_phone,
    replied,
    adopted,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p20_eia_public_comment') }}
