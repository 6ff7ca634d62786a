-- Grain: one row per topic, item, district and month: events of policing, for the table tally.
-- A month that is null is a stock: it stands for every period.
with item as (
    select 'order' as topic, stage.item_no, stage.item, region_code as district_code,
        date_trunc('month', issue_time) as month, count(*) as events_n
    from fct_dispatch_order,
        lateral (values (1, '下达', true), (2, '按时签收', sign_time <= sign_due),
            (3, '按时反馈', sign_time <= sign_due and feedback_time <= feedback_due))
            as stage (item_no, item, holds)
    where issue_time <= timestamp '{as_of}' and stage.holds
    group by all
    union all
    select 'call_type', dense_rank() over (order by call_type), coalesce(code.label_zh, call_type),
        left(town_code, 6), date_trunc('month', stat_date), sum(call_n)
    from fct_police_call
    left join dim_code as code on code.code_table = 'CALL_TYPE' and code.code = call_type
    group by call_type, code.label_zh, left(town_code, 6), date_trunc('month', stat_date)
    union all
    -- Of the 11 kinds of police service: asked, answered, not satisfied, called a second time.
    select 'opinion', stage.item_no, stage.item, null, date_trunc('month', service_time), count(*)
    from fct_feedback,
        lateral (values (1, '接受服务', true), (2, '已征询', sms_time is not null or callback_time is not null),
            (3, '表示不满意', sms_reply = '2' or callback_result = '3'),
            (4, '已派整改工单', order_id is not null), (5, '二次回访', second_result is not null))
            as stage (item_no, item, holds)
    where service_time <= timestamp '{as_of}' and stage.holds
    group by all
    union all
    select 'opinion_kind', dense_rank() over (order by opinion_kind), coalesce(code.label_zh, opinion_kind),
        null, date_trunc('month', service_time), count(*)
    from fct_feedback
    left join dim_code as code on code.code_table = 'OPINION_KIND' and code.code = opinion_kind
    where service_time <= timestamp '{as_of}'
    group by opinion_kind, code.label_zh, date_trunc('month', service_time)
    union all
    select 'handover', stage.item_no, stage.item, left(town_code, 6),
        date_trunc('month', dispatch_time), count(*)
    from fct_call_handover,
        lateral (values (1, '移交部门', true), (2, '部门办结', finish_time is not null and not back_to_police),
            (3, '按期办结', finish_time <= due_time and not back_to_police))
            as stage (item_no, item, holds)
    where stage.holds
    group by all
    union all
    select 'handover_kind', dense_rank() over (order by biz_l1), coalesce(code.label_zh, biz_l1),
        left(town_code, 6), date_trunc('month', dispatch_time), count(*)
    from stg_f21_police_grid_coop
    left join dim_code as code on code.code_table = 'COOP_L1' and code.code = biz_l1
    where dispatch_time <= timestamp '{as_of}'
    group by biz_l1, code.label_zh, left(town_code, 6), date_trunc('month', dispatch_time)
    union all
    select 'finding', dense_rank() over (order by issue_type), coalesce(code.label_zh, issue_type),
        region_code, date_trunc('month', found_date), count(*)
    from fct_police_finding
    left join dim_code as code on code.code_table = 'POLICE_ISSUE' and code.code = issue_type
    group by issue_type, code.label_zh, region_code, date_trunc('month', found_date)
    union all
    select 'finding_way', stage.item_no, stage.item, region_code, date_trunc('month', found_date), count(*)
    from fct_police_finding,
        lateral (values (1, '发现问题', true), (2, '应整改', coalesce(result, '-') <> '3'),
            (3, '已整改', coalesce(result, '-') <> '3' and rectify_date is not null),
            (4, '按期整改', coalesce(result, '-') <> '3' and rectify_date <= rectify_due))
            as stage (item_no, item, holds)
    where stage.holds
    group by all
    union all
    select 'fraud_type', dense_rank() over (order by fraud_type), coalesce(code.label_zh, fraud_type),
        left(town_code, 6), date_trunc('month', report_time), count(*)
    from fct_fraud_case
    left join dim_code as code on code.code_table = 'FRAUD_TYPE' and code.code = fraud_type
    group by fraud_type, code.label_zh, left(town_code, 6), date_trunc('month', report_time)
    union all
    select 'dissuade', stage.item_no, stage.item, left(town_code, 6), date_trunc('month', warn_time), count(*)
    from fct_fraud_warning,
        lateral (values (1, '发出预警', true), (2, '已劝阻', dissuade_time is not null),
            (3, '劝阻成功', result = '1')) as stage (item_no, item, holds)
    where warn_time <= timestamp '{as_of}' and stage.holds
    group by all
    union all
    -- F18 has one row a place and day; no scan of anybody is told.
    select 'anxin', stage.item_no, stage.item, left(town_code, 6), date_trunc('month', stat_date), sum(stage.n)
    from stg_f18_anxin_place_daily,
        lateral (values (1, '求助', help_n), (2, '已响应', help_responded_n)) as stage (item_no, item, n)
    group by all
)
select *, 'restricted' as scope_code from item
