-- The days on which a stock is read: each past month end since the first report, and as_of itself.
with bounds as (
    select min(report_date) as first_day from {{ ref('stg_f24_scene_app_ledger') }}
),
days as (
    select spine.cal_day
    from bounds
    cross join ({{ day_spine("date '2015-01-01'", as_of_date()) }}) as spine
    where spine.cal_day >= bounds.first_day
)
select cal_day as stock_day
from days
where cal_day = last_day(cal_day) or cal_day = {{ as_of_date() }}
