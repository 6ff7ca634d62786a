-- One row per matter a court asked of one unit (F05), its latest state. What had not happened by
-- as_of is not known.
select
    matter_id, matter_code, matter_group, coop_org_code, submit_time, due_time,
    case when finish_time <= {{ as_of() }} then finish_time end as finish_time,
    case when finish_time <= {{ as_of() }} then result end as result,
    online, court_code, region_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f05_enforcement_coop_matter') }}
where submit_time <= {{ as_of() }}
