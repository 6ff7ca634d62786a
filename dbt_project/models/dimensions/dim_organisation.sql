-- R02 as valid at as_of: the delivered directory, and for codes never delivered the seed a city
-- starts with. Of several versions of a code the newest statement counts whose validity has begun;
-- a code whose newest statement ends it, or that a later delivery no longer lists, is gone.
with stated as (
    select
        org_code, code_scheme, name_zh, org_kind, org_level, parent_org_code, dept_org_code, region_code,
        town_code, enf_domain, on_dept_card, valid_from, valid_to,
        coalesce(_deleted, false) as is_deleted,
        row_number() over (
            partition by org_code
            order by _valid_from desc, _loaded_at desc, _source_row desc) as recency
    from {{ ref('stg_r02_org_directory_history') }}
    where coalesce(_deleted, false) or valid_from <= {{ as_of_date() }}
),
delivered as (
    select distinct org_code from {{ ref('stg_r02_org_directory_history') }}
),
initial as (
    select
        seed.org_code, seed.code_scheme, seed.name_zh, seed.org_kind, seed.org_level, seed.parent_org_code,
        seed.dept_org_code, seed.region_code, seed.town_code, seed.enf_domain, seed.on_dept_card,
        seed.valid_from, seed.valid_to
    from {{ ref('seed_organisation') }} as seed
    left join delivered on delivered.org_code = seed.org_code
    where delivered.org_code is null and seed.valid_from <= {{ as_of_date() }}
)
select
    org_code, code_scheme, name_zh, org_kind, org_level, parent_org_code, dept_org_code, region_code,
    town_code, enf_domain, on_dept_card, valid_from, valid_to, true as is_delivered
from stated
where recency = 1 and not is_deleted and (valid_to is null or valid_to > {{ as_of_date() }})
union all
select
    org_code, code_scheme, name_zh, org_kind, org_level, parent_org_code, dept_org_code, region_code,
    town_code, enf_domain, on_dept_card, valid_from, valid_to, false
from initial
where valid_to is null or valid_to > {{ as_of_date() }}
