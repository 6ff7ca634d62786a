{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_p44_hotline_ticket')) }}") }}
-- One row per 12345 ticket (P44), its latest version.
select
    ticket_id, accept_time, ticket_type, topic_code, project_code, handle_org_code, due_time,
    finish_time, town_code, has_caller_phone, source_update_time,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_p44_hotline_ticket') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_p44_hotline_ticket')) }})
{% endif %}
