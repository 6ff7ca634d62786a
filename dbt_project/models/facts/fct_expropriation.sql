-- One row per expropriation of land (P11), its latest state. What had not happened by as_of is not
-- known.
select
    exprop_id, project_code, land_nature,
    case when assess_done_date <= {{ as_of_date() }} then assess_done_date end as assess_done_date,
    case when decision_date <= {{ as_of_date() }} then decision_date end as decision_date,
    region_code, town_code, _delivery_id, _source_row
from {{ ref('stg_p11_expropriation_project') }}
