-- One row per warning of the agencies' own platform (F09), raised by as_of, with its life so far.
-- What had not happened by as_of is not known.
select
    warning_id, case_id, rule_id, rule_version, light, warn_time,
    case when review_time <= {{ as_of() }} then review_time end as review_time,
    case when review_time <= {{ as_of() }} then review_result end as review_result,
    report_date,
    case when approve_time <= {{ as_of() }} then approve_time end as approve_time,
    case when approve_time <= {{ as_of() }} then approve_result end as approve_result,
    case when transfer_time <= {{ as_of() }} then transfer_time end as transfer_time,
    police_accept_time, police_decide_date, police_result, object_date, review_answer_date,
    review_answer_result, supervise_ask_date, supervise_flag,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f09_crime_transfer_warning') }}
where warn_time <= {{ as_of() }}
