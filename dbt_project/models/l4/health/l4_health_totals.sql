{{ config(materialized='table') }}
-- The zone's own totals to date of the programme's published figures, exact: they never leave it.
-- G09 people ever on the register; G10 warnings; G11 warnings with a time of handling. The last two
-- count times, not people, and different things: no share is made of them.
select 'G09' as figure, count(distinct patient_token) as counted_n
from {{ ref('stg_f12_smd_patient_care') }}
where visit_date <= {{ as_of_date() }}
union all
select 'G10' as figure, count(*) as counted_n
from {{ ref('stg_f13_smd_warning') }}
where warn_time <= {{ as_of() }}
union all
select 'G11' as figure, count(*) as counted_n
from {{ ref('stg_f13_smd_warning') }}
where handle_time <= {{ as_of() }}
