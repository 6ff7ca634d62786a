-- One row per application and stock day: the latest review round reported by that day, with the
-- latest non-null registered_date and online_date over the rounds (reading 26).
with known as (
    select
        stock.stock_day, app.app_id, app.review_round, app.app_name, app.domain, app.lead_org_code,
        app.region_code, app.report_date, app.review_date, app.review_result,
        app.registered_date, app.online_date, coalesce(app.pilot_level, 'N') as pilot_level,
        app.s1_major_app, app.award, app.reform_measure_n, app._delivery_id, app._source_row,
        row_number() over (
            partition by stock.stock_day, app.app_id order by app.review_round desc
        ) as recency,
        max_by(app.registered_date, case when app.registered_date is not null then app.review_round end)
            over (partition by stock.stock_day, app.app_id) as last_registered_date,
        max_by(app.online_date, case when app.online_date is not null then app.review_round end)
            over (partition by stock.stock_day, app.app_id) as last_online_date
    from {{ ref('int_stock_day') }} as stock
    inner join {{ ref('stg_f24_scene_app_ledger') }} as app on app.report_date <= stock.stock_day
)
select
    stock_day, app_id, review_round, app_name, domain, lead_org_code, region_code, report_date,
    review_date, review_result, last_registered_date as registered_date,
    last_online_date as online_date, pilot_level, s1_major_app, award, reform_measure_n,
    _delivery_id, _source_row
from known
where recency = 1
