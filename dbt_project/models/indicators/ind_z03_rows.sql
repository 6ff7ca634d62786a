-- Z03, population: cases of telecom fraud (period date = day of the report). Money over money:
-- numerator_amount is what was stopped or frozen as it stands now, no more than the loss;
-- denominator_amount the loss.
select
    fraud.case_id as row_key,
    cast(fraud.report_time as date) as period_date,
    coalesce(district.unit_district, 'unassigned') as unit_district,
    case when coalesce(fraud.stop_amount, 0) + coalesce(fraud.frozen_amount, 0) > 0
        then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    least(coalesce(fraud.stop_amount, 0) + coalesce(fraud.frozen_amount, 0), fraud.loss_amount)
        as numerator_amount,
    fraud.loss_amount as denominator_amount,
    fraud.report_time, fraud.loss_amount, fraud.stop_amount, fraud.frozen_amount,
    fraud._delivery_id, fraud._source_row
from {{ ref('fct_fraud_case') }} as fraud
left join {{ ref('int_district_unit') }} as district
    on district.unit_district = substr(fraud.town_code, 1, 6)
