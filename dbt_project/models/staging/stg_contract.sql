-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    feed_code,
    feed_table,
    name_zh,
    is_category,
    frequency,
    contracted_regions,
    owner_org_code,
    owner_zh,
    level_landed,
    serve,
    zone,
    contract_version
from {{ source('lake', 'contract') }}
