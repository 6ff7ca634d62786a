-- One row per scene application (F24) as it stands at as_of: the latest review round.
select
    app_id, review_round, app_name, domain, lead_org_code, region_code, report_date, review_date,
    review_result, registered_date, online_date, pilot_level, s1_major_app, award,
    reform_measure_n, _delivery_id, _source_row
from {{ ref('int_scene_app_state') }}
where stock_day = {{ as_of_date() }}
