{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_f10_city_mgmt_event')) }}") }}
-- One row per city management case (F10), its latest state.
select
    event_no, event_class, source, report_time, file_time, dispatch_time, due_time, handle_time, check_time,
    close_time, rework_n, stage_code, org_code, town_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f10_city_mgmt_event') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_f10_city_mgmt_event')) }})
{% endif %}
