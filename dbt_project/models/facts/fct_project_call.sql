-- One row per project and week with the 110 calls around it (P41), counted by the police.
select
    project_code, week_start,
    coalesce(dispute_call_n, 0) + coalesce(obstruct_call_n, 0) + coalesce(labour_call_n, 0)
        + coalesce(env_call_n, 0) as calls_n,
    region_code, _delivery_id, _source_row
from {{ ref('stg_p41_project_related_call') }}
where week_start <= {{ as_of_date() }}
