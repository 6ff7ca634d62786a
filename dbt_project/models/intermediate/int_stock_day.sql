-- The days on which a stock is read: each past month end since 2015, and as_of itself.
select spine.cal_day as stock_day
from ({{ day_spine("date '2015-01-01'", as_of_date()) }}) as spine
where spine.cal_day = last_day(spine.cal_day) or spine.cal_day = {{ as_of_date() }}
