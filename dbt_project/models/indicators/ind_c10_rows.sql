-- C10, population: task sheets by their deadline (period date); numerator: finished by then and passed
-- on the check. Finished by then but not yet checked: outside, is_open. Reading 17: finished before
-- the deadline counts at once, an unfinished one enters when its deadline passes at 24:00.
select
    sheet.sheet_code as row_key,
    sheet.due_date as period_date,
    sheet.unit_code as unit_unit,
    {{ unit_region_column('sheet.region_code') }},
    case when sheet.in_time and sheet.check_result = '1' then 1 else 0 end as is_numerator,
    case when sheet.in_time and coalesce(sheet.check_result, '0') = '0' then 0
        when sheet.in_time or sheet.due_date < {{ as_of_date() }} then 1 else 0 end as is_denominator,
    case when sheet.finish_date is null or (sheet.in_time and coalesce(sheet.check_result, '0') = '0')
        then 1 else 0 end as is_open,
    sheet.item_code, sheet.issue_date, sheet.due_date, sheet.finish_date, sheet.check_result,
    sheet._delivery_id, sheet._source_row
from (
    select
        sheet_code, item_code, unit_code, region_code, issue_date, due_date, check_result,
        _delivery_id, _source_row,
        case when finish_date <= {{ as_of_date() }} then finish_date end as finish_date,
        coalesce(finish_date <= due_date and finish_date <= {{ as_of_date() }}, false) as in_time
    from {{ ref('stg_f23_pingan_creation_item') }}
    where issue_date <= {{ as_of_date() }}
) as sheet
{{ unit_region_join('sheet.region_code') }}
