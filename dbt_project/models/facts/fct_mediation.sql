-- One row per mediation session of a dispute (P33), its latest state; whether the agreement was
-- performed is read as it now stands (reading 2). What had not happened by as_of is not known.
select
    mediation_id, dispute_code, mediation_form, begin_time,
    case when end_time <= {{ as_of() }} then end_time end as end_time,
    case when coalesce(end_time, begin_time) <= {{ as_of() }} then result end as result,
    performed, perform_due, party_refused, town_code, _delivery_id, _source_row
from {{ ref('stg_p33_mediation_process') }}
where begin_time <= {{ as_of() }}
