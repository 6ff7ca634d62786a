-- One row per case of unpaid wages (P38), its latest state.
select
    case_id, project_code, worker_n, arrears_amount, arrears_months, order_pay_date, order_due,
    case when paid_date <= {{ as_of_date() }} then paid_date end as paid_date,
    transferred, dispute_code, town_code, source_update_time, _delivery_id, _source_row
from {{ ref('stg_p38_wage_arrears_dispute') }}
