-- One row per round of public consultation on a decision (P09): numbers of answers, never who gave them.
select
    consult_id, decision_id, consult_form, start_date, end_date, short_reason_given, sample_size,
    support_n, oppose_n, opinion_n, adopted_n,
    case when feedback_date <= {{ as_of_date() }} then feedback_date end as feedback_date,
    region_code, _delivery_id, _source_row
from {{ ref('stg_p09_public_consultation') }}
where start_date <= {{ as_of_date() }}
