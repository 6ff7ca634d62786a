-- X04 欠薪责令期内支付率, population: wage arrears ordered to be paid, by the last day of the order (period
-- date); numerator: paid by 24:00 of that day. Reading 17: paid before it counts at once.
select
    ordered.case_id as row_key,
    ordered.order_due as period_date,
    coalesce(town.unit_town, 'unassigned') as unit_town,
    case when ordered.paid_date <= ordered.order_due then 1 else 0 end as is_numerator,
    case when ordered.order_due < {{ as_of_date() }} or ordered.paid_date <= ordered.order_due
        then 1 else 0 end as is_denominator,
    case when ordered.paid_date is null then 1 else 0 end as is_open,
    ordered.order_pay_date, ordered.order_due, ordered.paid_date,
    ordered._delivery_id, ordered._source_row
from (
    select
        case_id, order_pay_date, order_due, town_code, _delivery_id, _source_row,
        case when paid_date <= {{ as_of_date() }} then paid_date end as paid_date
    from {{ ref('stg_p38_wage_arrears_dispute') }}
    where order_pay_date <= {{ as_of_date() }} and order_due is not null
) as ordered
left join {{ ref('int_town_unit') }} as town on town.town_code = ordered.town_code
