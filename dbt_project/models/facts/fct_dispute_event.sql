{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_f20_dispute_case_event')) }}") }}
-- One row per state change of one dispute (F20).
select
    event_id, dispute_code, event_time, from_state, to_state, tier, handler_org, due_time, overdue,
    close_check, reopened, town_code, crime_kind, _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f20_dispute_case_event') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_f20_dispute_case_event')) }})
{% endif %}
