-- Every unit a value can belong to, bucket rows included (unit_code 'unassigned').
with city as (
    select * from {{ ref('int_division') }} where unit_level = '1'
),
district as (
    select * from {{ ref('int_division') }} where unit_level = '2'
),
town as (
    -- A merged town is no unit of its own; its residents count with the town it is merged into.
    select
        unit.unit_town, unit.unit_district,
        cast(sum(each.pop_resident) as bigint) as population
    from {{ ref('int_town_unit') }} as unit
    inner join {{ ref('int_division') }} as each
        on each.town_code = unit.town_code and each.unit_level = '3'
    group by 1, 2
),
department as (
    select dept_org_code as unit_code, min(region_code) as region_code
    from {{ ref('dim_organisation') }}
    group by 1
)
select
    'city' as unit_level, region_code as unit_code, name_zh,
    cast(null as {{ dbt.type_string() }}) as parent_level, cast(null as {{ dbt.type_string() }}) as parent_code,
    cast(null as {{ dbt.type_string() }}) as district_code, lon, lat, pop_resident as population,
    cast(null as {{ dbt.type_string() }}) as town_type
from city
union all
select 'district', region_code, name_zh, 'city', {{ city_code() }}, region_code, lon, lat, pop_resident, null
from district
union all
-- Reading 21: the city's own rows are a unit of their own at district level.
select 'district', region_code, '市级', 'city', {{ city_code() }}, region_code, null, null, null, null
from city
union all
select 'town', town.unit_town, named.name_zh, 'district', town.unit_district, town.unit_district,
    named.lon, named.lat, town.population, named.town_type
from town
inner join {{ ref('int_division') }} as named
    on named.town_code = town.unit_town and named.unit_level = '3'
union all
select 'department', department.unit_code, coalesce(min(named.name_zh), department.unit_code),
    'city', {{ city_code() }}, min(department.region_code), null, null, null, null
from department
left join {{ ref('dim_organisation') }} as named on named.org_code = department.unit_code
group by department.unit_code
union all
select 'station', org_code, name_zh, 'city', {{ city_code() }}, region_code, null, null, null, null
from {{ ref('dim_organisation') }} where org_kind = '04'
union all
-- Who receives orders and task sheets: every organisation, and every town by its own code.
select 'unit', org_code, name_zh, 'city', {{ city_code() }}, region_code, null, null, null, null
from {{ ref('dim_organisation') }}
union all
select 'unit', town_code, name_zh, 'city', {{ city_code() }}, region_code, null, null, null, null
from {{ ref('int_division') }} where unit_level = '3'
union all
select 'kind', code, label_zh, 'city', {{ city_code() }}, null, null, null, null, null
from {{ ref('seed_code') }} where code_table = 'OPINION_KIND'
union all
select 'enforcement_domain', code, label_zh, 'city', {{ city_code() }}, null, null, null, null, null
from {{ ref('seed_code') }} where code_table = 'ENF_DOMAIN'
union all
select 'domain', code, label_zh, 'city', {{ city_code() }}, null, null, null, null, null
from {{ ref('seed_code') }} where code_table = 'DOMAIN'
union all
select 'feed', feed_code, name_zh, 'city', {{ city_code() }}, null, null, null, null, null
from {{ ref('stg_contract') }}
union all
-- A court bears the code of its district; the code table names it by the place.
select 'court', code, case when label_zh like '%院' then label_zh else label_zh || '法院' end, 'city', {{ city_code() }},
    code, null, null, null, null
from {{ ref('seed_code') }} where code_table = 'COURT_CODE'
union all
select 'model', code, label_zh, 'city', {{ city_code() }}, null, null, null, null, null
from {{ ref('seed_code') }} where code_table = 'CLUE_MODEL'
union all
select 'matter', code, label_zh, 'city', {{ city_code() }}, null, null, null, null, null
from {{ ref('seed_code') }} where code_table = 'COOP_MATTER' and code <> '*'
union all
-- The code table names a rule by its area alone, so its code stands with it.
select 'rule', code, code || ' ' || label_zh, 'city', {{ city_code() }}, null, null, null, null, null
from {{ ref('seed_code') }} where code_table = 'WARN_RULE'
union all
-- Projects that land is taken for.
select 'project', site.project_code, coalesce(min(project.project_name), site.project_code), 'city', {{ city_code() }},
    min(site.region_code), null, null, null, null
from {{ ref('stg_p11_expropriation_project') }} as site
left join {{ ref('stg_p01_major_investment_project') }} as project
    on project.project_code = site.project_code
where site.project_code is not null
group by site.project_code
union all
select bucket.unit_level, 'unassigned', '未归属', 'city', {{ city_code() }}, null, null, null, null, null
from (
    select 'district' as unit_level union all select 'town' union all select 'department'
    union all select 'project'
) as bucket
