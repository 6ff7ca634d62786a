-- One row per 110 call (F01) that somebody linked to a registered dispute: the matter, never who called.
select call_id, dispute_code, call_time, is_valid, _delivery_id, _source_row
from {{ ref('stg_f01_police_call_110') }}
where dispute_code is not null and call_time <= {{ as_of() }}
