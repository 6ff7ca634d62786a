{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_f02_opinion_feedback')) }}") }}
-- One row per police service contact of the 11 kinds (F02), asked or not.
select
    feedback_id, opinion_kind, service_time, sms_time, sms_reply, callback_time, callback_result,
    second_result, order_id, order_due, order_finish, station_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f02_opinion_feedback') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_f02_opinion_feedback')) }})
{% endif %}
