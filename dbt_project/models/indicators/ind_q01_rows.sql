-- Q01, population: due deliveries (period date = due day); numerator: landed no later than due.
-- An open one enters when its due time passes; a refused one never landed.
select
    delivery.feed_code || ' ' || delivery.owner_org_code || delivery.due_sender || ' '
        || delivery.region_code || ' '
        || {{ text('delivery.period_start') }} || ' ' || {{ text('delivery.period_end') }} as row_key,
    cast(delivery.due_time as date) as period_date,
    delivery.feed_code as unit_feed,
    {{ unit_department_column('delivery.owner_org_code') }},
    case when delivery.landed_time <= delivery.due_time then 1 else 0 end as is_numerator,
    case when delivery.due_time <= {{ as_of() }} or delivery.landed_time <= delivery.due_time
        then 1 else 0 end as is_denominator,
    case when delivery.landed_time is null then 1 else 0 end as is_open,
    delivery.due_time, delivery.landed_time, delivery.status, delivery.file_name,
    delivery.delivery_id as _delivery_id, cast(null as bigint) as _source_row
from {{ ref('fct_delivery') }} as delivery
{{ unit_department_join('delivery.owner_org_code') }}
where delivery.is_due
