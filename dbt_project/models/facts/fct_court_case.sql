-- One row per enforcement case of a court (F04), its latest state. case_no is a token. What had not
-- happened by as_of is not known.
select
    case_no, case_kind, court_code, file_date,
    case when close_date <= {{ as_of_date() }} then close_date end as close_date,
    case when close_date <= {{ as_of_date() }} then close_way end as close_way,
    subject_amount, actual_amount, deduct_days, region_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f04_court_enforcement_case') }}
where file_date <= {{ as_of_date() }}
