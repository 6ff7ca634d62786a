{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_f01_police_call_110')) }}") }}
-- One row per 110 call (F01), its latest state.
select
    call_id, call_time, accept_time, dispatch_time, arrive_time, finish_time, call_type, is_valid,
    is_police_matter, station_code, town_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f01_police_call_110') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_f01_police_call_110')) }})
{% endif %}
