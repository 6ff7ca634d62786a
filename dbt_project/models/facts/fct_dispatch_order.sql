{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_f03_dispatch_order')) }}") }}
-- One row per order to one unit (F03), its latest state.
select
    order_id, unit_code, order_level, order_type, issue_time, sign_time, sign_due, feedback_due,
    feedback_time, feedback_ok, region_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f03_dispatch_order') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_f03_dispatch_order')) }})
{% endif %}
