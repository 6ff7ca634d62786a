-- One row per published version of a compensation plan (P12).
select
    plan_id, exprop_id, plan_version, publish_date, consult_end, region_code, _delivery_id, _source_row
from {{ ref('stg_p12_land_compensation_plan') }}
where publish_date <= {{ as_of_date() }}
