-- E03, population: enforcement cases (kinds 1-3) by the day they closed in time, else by their
-- deadline (period date): 6 months after filing, 3 for kind 3, and the days legally deducted.
-- numerator: closed by 24:00 of the deadline. A case open at its deadline fails once, in that period,
-- and does not enter again when it closes; an open case enters when its deadline passes.
select
    filed.case_no as row_key,
    case when filed.close_date <= filed.deadline then filed.close_date else filed.deadline end as period_date,
    filed.court_code as unit_court,
    {{ unit_region_column('filed.region_code') }},
    case when filed.close_date <= filed.deadline then 1 else 0 end as is_numerator,
    case when filed.deadline < {{ as_of_date() }} or filed.close_date <= filed.deadline
        then 1 else 0 end as is_denominator,
    case when filed.close_date is null then 1 else 0 end as is_open,
    filed.case_kind, filed.file_date, filed.deduct_days, filed.deadline, filed.close_date,
    filed._delivery_id, filed._source_row
from (
    select
        case_no, case_kind, court_code, region_code, file_date, deduct_days, close_date,
        _delivery_id, _source_row,
        {{ add_days('case when case_kind = \'3\' then ' ~ months_after('file_date', 3)
            ~ ' else ' ~ months_after('file_date', 6) ~ ' end', 'deduct_days') }} as deadline
    from {{ ref('fct_court_case') }}
    where case_kind in ('1', '2', '3')
) as filed
{{ unit_region_join('filed.region_code') }}
