{{ config(severity='warn') }}
-- Deadlines in workdays beyond the calendar's end (R05) are provisional. The State Council publishes a
-- year's holidays in the November before: sixty days before the end somebody has to enter them.
select max(cal_date) as last_day
from {{ ref('dim_date') }}
having max(cal_date) < {{ add_days(as_of_date(), 60) }}
