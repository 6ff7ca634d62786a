-- K03, population: major dangers open on the stock day (period date): found by then and not passed on
-- a check by then. is_overdue: the deadline passed before that day began (reading 13).
select
    found.danger_id || ' ' || {{ text('stock.stock_day') }} as row_key,
    stock.stock_day as period_date,
    {{ unit_department_column('found.org_code') }},
    {{ unit_town_columns() }},
    1 as is_numerator,
    1 as is_denominator,
    1 as is_open,
    case when found.rectify_due < stock.stock_day then 1 else 0 end as is_overdue,
    found.find_time, found.rectify_due, found.rectify_date, found.recheck_date, found.recheck_pass,
    found._delivery_id, found._source_row
from {{ ref('stg_p37_hidden_danger') }} as found
inner join {{ ref('int_stock_day') }} as stock on cast(found.find_time as date) <= stock.stock_day
{{ unit_department_join('found.org_code') }}
{{ unit_town_joins('found.town_code') }}
where found.danger_level = '2' and found.find_time <= {{ as_of() }}
  and not (coalesce(found.recheck_pass, false)
      and coalesce(found.recheck_date <= stock.stock_day, false))
