{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), unique_key='_month',
    partition_by='_month', file_format='parquet' if target.type == 'spark' else none,
    pre_hook="{{ forget_vanished_months(ref('stg_p35_grid_event')) }}") }}
-- One row per grid event (P35), its latest state.
select
    event_id, report_time, grid_code, event_type, event_level, project_code, due_time, dispatch_time,
    finish_time, close_tier, town_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_p35_grid_event') }}
{% if is_incremental() %}
where _month in ({{ changed_months(ref('stg_p35_grid_event')) }})
{% endif %}
