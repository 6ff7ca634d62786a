-- M09, population: compensation payments (period date = day due), by their amount; numerator: paid by
-- 24:00 of that day; what is deposited with a notary is paid on the day of the deposit. Reading 17:
-- paid before the deadline counts at once, an unpaid one enters when it passes.
select
    payment.payment_id as row_key,
    payment.due_date as period_date,
    {{ unit_town_columns() }},
    coalesce(site.project_code, 'unassigned') as unit_project,
    payment.in_time as is_numerator,
    payment.is_counted as is_denominator,
    case when payment.paid_date is null then 1 else 0 end as is_open,
    case when payment.in_time = 1 then payment.amount else 0 end as numerator_amount,
    case when payment.is_counted = 1 then payment.amount else 0 end as denominator_amount,
    payment.due_date, payment.paid_date, payment.pay_status,
    payment._delivery_id, payment._source_row
from (
    select
        payment_id, exprop_id, town_code, due_date, amount, pay_status, _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when paid_date <= {{ as_of_date() }} then paid_date end as paid_date,
        case when paid_date <= due_date and paid_date <= {{ as_of_date() }} then 1 else 0 end as in_time,
        case when due_date < {{ as_of_date() }}
            or (paid_date <= due_date and paid_date <= {{ as_of_date() }}) then 1 else 0 end as is_counted
    from {{ ref('stg_p14_compensation_payment') }}
) as payment
left join {{ ref('stg_p11_expropriation_project') }} as site on site.exprop_id = payment.exprop_id
{{ unit_town_joins('payment.town_code') }}
