-- One row per calendar day of R05, with its workday flag and the count of workdays so far
-- (workday arithmetic is a difference of workday_no).
select
    cal_date,
    {{ year_month('cal_date') }} as year_month,
    {{ month_of('cal_date') }} as month_start,
    last_day(cal_date) as month_end,
    {{ iso_weekday('cal_date') }} as iso_weekday_no,
    is_workday, is_holiday, holiday_name, is_in_lieu,
    cast(sum(case when is_workday then 1 else 0 end) over (order by cal_date) as bigint) as workday_no
from {{ ref('seed_workday_calendar') }}
