-- Organisation -> department (reading 18: roll up by R02.dept_org_code everywhere).
select org_code, min(dept_org_code) as unit_department
from {{ ref('seed_organisation') }}
where valid_from <= {{ as_of_date() }}
  and (valid_to is null or valid_to > {{ as_of_date() }})
group by org_code
