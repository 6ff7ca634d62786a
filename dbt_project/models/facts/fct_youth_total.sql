-- One row per month and district (330600: the city, which the authorities total themselves) of F15's
-- total rows: the latest batch known at as_of. A batch is known when its delivery was received (O01).
with received as (
    select delivery_id, min(landed_time) as landed_time
    from {{ ref('stg_o01_delivery_log') }}
    group by delivery_id
),
known as (
    select
        total.*,
        row_number() over (
            partition by total.stat_month, total.district_code order by total.report_batch desc) as recency
    from {{ ref('stg_f15_youth_offence_monthly') }} as total
    left join received on received.delivery_id = total._delivery_id
    where total.age_band = '0' and total.offence_group = '00'
      and coalesce(received.landed_time, {{ as_of() }}) <= {{ as_of() }}
)
select
    {{ day_of_month_text('stat_month') }} as month_start,
    district_code, report_batch, suppressed, covered_youth_n, person_ytd_n, reoffend_person_n,
    released_cohort_n, seal_due_n, seal_done_n, _delivery_id, _source_row
from known
where recency = 1
