-- Z02: cases of telecom fraud in the window (1 in the numerator) and in the same window one year
-- earlier (1 in the denominator), a running window up to the same moment of that year. A year to date
-- stands at each of its months (period date: the month's last day). Each loss is cut at the 99th
-- percentile of the two windows pooled, city-wide. numerator_amount sums to what was lost more than a
-- year earlier, denominator_amount to what was lost then. A year earlier that began before the first
-- case known is not whole: its cases are left out, so that the year to date has no value.
with fraud as (
    select
        case_id, report_time, fraud_type, town_code, cast(loss_amount as double) as loss_amount,
        cast(report_time as date) as compared_day, true as is_now, _delivery_id, _source_row
    from {{ ref('fct_fraud_case') }}
    union all
    select
        case_id, report_time, fraud_type, town_code, cast(loss_amount as double),
        {{ months_after('cast(report_time as date)', 12) }}, false, _delivery_id, _source_row
    from {{ ref('fct_fraud_case') }}
    where report_time <= {{ as_of() }} - interval '12' month
),
month as (
    {{ months_since('fct_fraud_case', 'report_time') }}
),
began as (
    select min(period_start) as first_month from month
),
placed as (
    select 'month' as window_kind, {{ month_of('fraud.compared_day') }} as period_start,
        fraud.compared_day as period_date, fraud.*
    from fraud
    union all
    select 'ytd', month.period_start, month.period_end, fraud.*
    from fraud
    inner join month
        on fraud.compared_day <= month.period_end
        and fraud.compared_day >= {{ period_start('year', 'month.period_start') }}
    cross join began
    where fraud.is_now
        or {{ months_before(period_start('year', 'month.period_start'), 12) }} >= began.first_month
),
pooled as (
    select
        window_kind, period_start,
        percentile_cont(0.99) within group (order by loss_amount) as most_amount
    from placed
    group by window_kind, period_start
)
select
    placed.case_id as row_key,
    placed.window_kind,
    placed.period_date,
    coalesce(district.unit_district, 'unassigned') as unit_district,
    case when placed.is_now then 1 else 0 end as is_numerator,
    case when placed.is_now then 0 else 1 end as is_denominator,
    1 as is_member,
    0 as is_open,
    -- Decimal: sums of doubles depend on the order of the rows.
    cast(case when placed.is_now then 1 else -1 end
        * least(placed.loss_amount, pooled.most_amount) as decimal(24, 6)) as numerator_amount,
    cast(case when placed.is_now then 0 else 1 end
        * least(placed.loss_amount, pooled.most_amount) as decimal(24, 6)) as denominator_amount,
    placed.report_time, placed.fraud_type, placed.loss_amount, pooled.most_amount,
    placed._delivery_id, placed._source_row
from placed
inner join pooled
    on pooled.window_kind = placed.window_kind and pooled.period_start = placed.period_start
left join {{ ref('int_district_unit') }} as district
    on district.unit_district = substr(placed.town_code, 1, 6)
