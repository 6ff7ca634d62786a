-- One row per case of telecom fraud (F16) reported by as_of. The amounts stopped and frozen have no
-- time of their own: they are read as they stand now.
select
    case_id, report_time, fraud_type, loss_amount, stop_amount, frozen_amount, town_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f16_fraud_case') }}
where report_time <= {{ as_of() }}
