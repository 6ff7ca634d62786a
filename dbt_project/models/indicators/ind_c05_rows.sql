-- C05, population: the province's list of challenge projects (R07, list CH), as many as its header
-- states: one row per local project, and the header's row for all the others. numerator: local ones.
-- The register bears no dates for them, so the list is read as it stands, at as_of. No header, no value.
with header as (
    select item_id, count_stated, name_zh, _delivery_id, _source_row
    from {{ ref('stg_r07_programme_register') }}
    where list_code = 'CH' and item_kind = '01' and count_stated is not null
),
project as (
    select item_id, name_zh, region_code, _delivery_id, _source_row
    from {{ ref('stg_r07_programme_register') }}
    where list_code = 'CH' and item_kind = '02' and is_local
)
select
    project.item_id as row_key, {{ as_of_date() }} as period_date,
    1 as is_numerator, 1 as is_denominator, 0 as is_open,
    project.name_zh, project.region_code, cast(null as integer) as count_stated,
    project._delivery_id, project._source_row
from project
where exists (select 1 from header)
union all
select
    header.item_id, {{ as_of_date() }},
    0, header.count_stated - cast(local_n.n as integer), 0,
    header.name_zh, null, header.count_stated,
    header._delivery_id, header._source_row
from header
cross join (select count(*) as n from project) as local_n
