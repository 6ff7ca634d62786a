-- Organisation -> department (reading 18: roll up by R02.dept_org_code everywhere).
select org_code, dept_org_code as unit_department
from {{ ref('dim_organisation') }}
