-- C07, population: reform measures (R07, list RM) issued by the stock day (period date); numerator:
-- done by then. A measure without a date of issue is not dated: outside (reading 12), is_open at as_of.
select
    measure.item_id || ' ' || {{ text('stock.stock_day') }} as row_key,
    stock.stock_day as period_date,
    {{ unit_department_column('measure.org_code') }},
    case when measure.done_date <= stock.stock_day then 1 else 0 end as is_numerator,
    case when measure.issued_date is null then 0 else 1 end as is_denominator,
    case when measure.issued_date is null then 1 else 0 end as is_open,
    measure.name_zh, measure.app_id, measure.issued_date, measure.due_date, measure.done_date,
    measure._delivery_id, measure._source_row
from {{ ref('stg_r07_programme_register') }} as measure
inner join {{ ref('int_stock_day') }} as stock
    on measure.issued_date <= stock.stock_day
    or (measure.issued_date is null and stock.stock_day = {{ as_of_date() }})
{{ unit_department_join('measure.org_code') }}
where measure.list_code = 'RM' and measure.item_kind = '03'
