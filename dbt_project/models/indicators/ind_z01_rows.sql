-- Z01: cases of telecom fraud, one row per case (period date = day of the report).
select
    fraud.case_id as row_key,
    cast(fraud.report_time as date) as period_date,
    {{ unit_town_columns() }},
    1 as value,
    0 as is_open,
    fraud.report_time, fraud.fraud_type,
    fraud._delivery_id, fraud._source_row
from {{ ref('fct_fraud_case') }} as fraud
{{ unit_town_joins('fraud.town_code') }}
