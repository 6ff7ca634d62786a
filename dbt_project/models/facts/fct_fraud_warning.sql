{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_f17_fraud_warning')) }}") }}
-- One row per fraud warning (F17), its latest state.
select
    warning_id, warn_time, warn_level, dissuade_way, due_time, dissuade_time, result, town_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f17_fraud_warning') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_f17_fraud_warning')) }})
{% endif %}
