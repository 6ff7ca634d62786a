-- Organisation -> department (reading 18: roll up by R02.dept_org_code everywhere), and the town of a
-- town government (reading 19: organisations of kind 02; every other has none).
select
    org.org_code, org.dept_org_code as unit_department,
    case when org.org_kind = '02' then coalesce(town.unit_town, 'unassigned') end as unit_town
from {{ ref('dim_organisation') }} as org
left join {{ ref('int_town_unit') }} as town on town.town_code = org.town_code
