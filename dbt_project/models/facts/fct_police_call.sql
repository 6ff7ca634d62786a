{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_p40_police_call_aggregate')) }}") }}
-- One row per day, town and call type (P40): counts only.
select
    stat_date, town_code, call_type, call_n, valid_n, non_police_n, repeat_n, median_arrive_min,
    source_update_time, _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_p40_police_call_aggregate') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_p40_police_call_aggregate')) }})
{% endif %}
