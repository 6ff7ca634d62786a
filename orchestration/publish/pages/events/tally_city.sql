-- Grain: one row per topic, item, district and month: decisions, disputes, places, city
-- management, safe creation and applications, for the table tally. A month that is null is a stock:
-- it stands for every period.
with filed as (
    select decision.*, report.risk_level,
        row_number() over (partition by decision.decision_id order by report.report_version desc nulls last)
            as recency
    from fct_decision as decision
    left join fct_risk_report as report on report.decision_id = decision.decision_id
),
decision as (
    select * from filed where recency = 1 and must_assess
),
app as (
    select * from fct_scene_app
),
good as (
    select count(*) as good_n from stg_r07_programme_register
    where list_code = 'GA' and item_kind = '02'
),
settled as (
    select dispute_code, min_by(tier, (event_time, _delivery_id, _source_row)) as tier, min(event_time) as event_time,
        min_by(town_code, (event_time, _delivery_id, _source_row)) as town_code
    from fct_dispute_event
    where to_state = '06' and event_time <= timestamp '{as_of}'
    group by dispute_code
),
item as (
    select 'decision_state' as topic, code.code::int as item_no, code.label_zh as item,
        region_code as district_code, null::date as month, count(*) as events_n
    from decision
    inner join dim_code as code
        on code.code_table = 'DECISION_STATUS' and code.code = decision.decision_status
    group by all
    union all
    select 'decision', stage.item_no, stage.item, region_code, date_trunc('month', start_date), count(*)
    from decision,
        lateral (values (1, '应评事项', true), (2, '已评估', first_filed_date is not null or risk_level is not null),
            (3, '已备案', first_filed_date is not null), (4, '已决定', first_filed_date is not null and decide_date is not null))
            as stage (item_no, item, holds)
    where stage.holds
    group by all
    union all
    select 'risk_level', case risk_level when 'H' then 1 when 'M' then 2 else 3 end, code.label_zh,
        region_code, date_trunc('month', start_date), count(*)
    from decision
    inner join dim_code as code on code.code_table = 'RISK_LEVEL' and code.code = risk_level
    group by risk_level, code.label_zh, region_code, date_trunc('month', start_date)
    union all
    select 'dispute_tier', tier::int, code.label_zh, left(town_code, 6), date_trunc('month', event_time), count(*)
    from settled
    inner join dim_code as code on code.code_table = 'ORG_TIER' and code.code = settled.tier
    group by tier, code.label_zh, left(town_code, 6), date_trunc('month', event_time)
    union all
    select 'dispute_type', dense_rank() over (order by dispute_type), coalesce(code.label_zh, dispute_type),
        left(town_code, 6), date_trunc('month', register_time), count(*)
    from fct_dispute
    left join dim_code as code on code.code_table = 'DISPUTE_TYPE' and code.code = dispute_type
    group by dispute_type, code.label_zh, left(town_code, 6), date_trunc('month', register_time)
    union all
    select 'place_type', dense_rank() over (order by place_type), coalesce(code.label_zh, place_type),
        left(town_code, 6), null, count(distinct place_id)
    from stg_f19_key_place_inspection
    left join dim_code as code on code.code_table = 'PLACE_TYPE' and code.code = place_type
    group by place_type, code.label_zh, left(town_code, 6)
    union all
    select 'danger_type', dense_rank() over (order by danger_type), coalesce(code.label_zh, danger_type),
        left(town_code, 6), date_trunc('month', find_time), count(*)
    from stg_p37_hidden_danger
    left join dim_code as code on code.code_table = 'DANGER_TYPE' and code.code = danger_type
    where find_time <= timestamp '{as_of}'
    group by danger_type, code.label_zh, left(town_code, 6), date_trunc('month', find_time)
    union all
    -- 五位一体: how far each case came; who came to a later stage passed the earlier ones.
    select 'five', stage.item_no, stage.item, left(town_code, 6), date_trunc('month', report_time), count(*)
    from fct_city_mgmt_event,
        lateral (select code.code::int as item_no, code.label_zh as item from dim_code as code
            where code.code_table = 'CM_STAGE' and code.code <= stage_code) as stage
    where report_time <= timestamp '{as_of}'
    group by all
    union all
    select 'five_source', dense_rank() over (order by source), coalesce(code.label_zh, source),
        left(town_code, 6), date_trunc('month', report_time), count(*)
    from fct_city_mgmt_event
    left join dim_code as code on code.code_table = 'CM_SOURCE' and code.code = source
    where report_time <= timestamp '{as_of}'
    group by source, code.label_zh, left(town_code, 6), date_trunc('month', report_time)
    union all
    select 'grid_event', dense_rank() over (order by event_type), coalesce(code.label_zh, event_type),
        left(town_code, 6), date_trunc('month', report_time), count(*)
    from fct_grid_event
    left join dim_code as code on code.code_table = 'GRID_EVENT_TYPE' and code.code = event_type
    where report_time <= timestamp '{as_of}'
    group by event_type, code.label_zh, left(town_code, 6), date_trunc('month', report_time)
    union all
    select 'sheet', stage.item_no, stage.item, region_code, date_trunc('month', issue_date), count(*)
    from stg_f23_pingan_creation_item,
        lateral (values (1, '下发任务单', true), (2, '已办结', finish_date <= timestamp '{as_of}'),
            (3, '核查通过', finish_date <= timestamp '{as_of}' and check_result = '1'))
            as stage (item_no, item, holds)
    where issue_date <= timestamp '{as_of}' and stage.holds
    group by all
    union all
    select 'deduction', right(item_code, 4)::int, coalesce(replace(code.label_zh, '(以年度细则为准)', ''), item_code), region_code,
        date_trunc('month', issue_date), sum(deduct_score)
    from stg_f23_pingan_creation_item
    left join dim_code as code on code.code_table = 'PINGAN_ITEM' and code.code = item_code
    where issue_date <= timestamp '{as_of}' and deduct_score > 0
    group by item_code, code.label_zh, region_code, date_trunc('month', issue_date)
    union all
    -- The ledger is the whole city's: its rows stand under every choice of a district.
    select 's0', stage.item_no, stage.item, '*', null, count(*)
    from app,
        lateral (values (1, '入库', registered_date is not null), (2, '上线', online_date is not null),
            (3, '省级试点或推广', online_date is not null and pilot_level in ('P', 'T')))
            as stage (item_no, item, holds)
    where stage.holds
    group by all
    union all
    select 's0', 4, '全省好应用', '*', null, good_n from good
    union all
    select 'measure', state_no, ['已完成', '逾期完成', '到期未记完成', '进行中'][state_no], '*', null, count(*)
    from (
        select case when done_date <= due_date then 1 when done_date <= timestamp '{as_of}' then 2
            when due_date < timestamp '{as_of}' then 3 else 4 end as state_no
        from stg_r07_programme_register where list_code = 'RM' and item_kind = '03')
    group by all
    union all
    -- Each application once, at the step it has reached.
    select 'app_step', step_no, step, '*', null, count(*)
    from (
        select case when award = 'G' then 6 when pilot_level in ('P', 'T') and online_date is not null then 5
                when online_date is not null then 4 when registered_date is not null then 3
                when review_date is not null then 2 else 1 end as step_no,
            ['① 已报送', '② 审核中', '③ 已入库', '④ 已上线', '⑤ 试点推广', '⑥ 获评'][step_no] as step
        from app)
    group by all
    union all
    select 'app_domain', dense_rank() over (order by domain), coalesce(code.label_zh, domain), '*', null, count(*)
    from app
    left join dim_code as code on code.code_table = 'DOMAIN' and code.code = domain
    where registered_date is not null
    group by domain, code.label_zh
)
select *, 'restricted' as scope_code from item
