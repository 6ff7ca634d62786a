-- One row per clue of the procuratorate (F07), its latest state. What had not happened by as_of is
-- not known.
select
    clue_id, model_code, clue_kind, found_date, is_class_case,
    case when review_date <= {{ as_of_date() }} then review_date end as review_date,
    case when review_date <= {{ as_of_date() }} then review_result end as review_result,
    case when suggest_date <= {{ as_of_date() }} then suggestion_id end as suggestion_id,
    case when suggest_date <= {{ as_of_date() }} then suggest_date end as suggest_date,
    case when reply_date <= {{ as_of_date() }} then reply_date end as reply_date,
    case when reply_date <= {{ as_of_date() }} then adopted end as adopted,
    org_code, region_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f07_procuratorial_clue') }}
where found_date <= {{ as_of_date() }}
