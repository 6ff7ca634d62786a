-- Grain: one row per topic, item, district and month: courts, procuratorate, justice and
-- enforcement, for the table tally. A month that is null is a stock: it stands for every period.
with clue as (
    select *, review_result = '1' as filed from fct_procuratorial_clue
),
stage_of_clue as (
    select 'clue' as topic, stage.item_no, stage.item, region_code as district_code,
        date_trunc('month', found_date) as month, count(*) as events_n
    from clue,
        lateral (values (1, '发现线索', true), (2, '已审查', review_date is not null or filed),
            (3, '成案', filed), (4, '制发检察建议', filed and suggestion_id is not null),
            (5, '建议被采纳', filed and suggestion_id is not null and adopted))
            as stage (item_no, item, holds)
    where stage.holds
    group by all
),
item as (
    select * from stage_of_clue
    union all
    select 'clue_model', dense_rank() over (order by model_code), coalesce(code.label_zh, model_code),
        region_code, date_trunc('month', found_date), count(*)
    from clue
    left join dim_code as code on code.code_table = 'CLUE_MODEL' and code.code = model_code
    group by model_code, code.label_zh, region_code, date_trunc('month', found_date)
    union all
    select 'clue_class', case when is_class_case then 1 else 2 end,
        case when is_class_case then '类案' else '个案' end, region_code,
        date_trunc('month', found_date), count(*)
    from clue
    group by is_class_case, region_code, date_trunc('month', found_date)
    union all
    select 'matter', dense_rank() over (order by matter_code), coalesce(code.label_zh, matter_code),
        region_code, date_trunc('month', submit_time), count(*)
    from fct_coop_matter
    left join dim_code as code on code.code_table = 'COOP_MATTER' and code.code = matter_code
    group by matter_code, code.label_zh, region_code, date_trunc('month', submit_time)
    union all
    select 'matter_group', dense_rank() over (order by matter_group), coalesce(code.label_zh, matter_group),
        region_code, date_trunc('month', submit_time), count(*)
    from fct_coop_matter
    left join dim_code as code on code.code_table = 'COOP_GROUP' and code.code = matter_group
    group by matter_group, code.label_zh, region_code, date_trunc('month', submit_time)
    union all
    select 'court_close', dense_rank() over (order by close_way), coalesce(code.label_zh, close_way),
        region_code, date_trunc('month', close_date), count(*)
    from fct_court_case
    left join dim_code as code on code.code_table = 'ENF_CLOSE' and code.code = close_way
    where close_date is not null
    group by close_way, code.label_zh, region_code, date_trunc('month', close_date)
    union all
    select 'enforcement_domain', dense_rank() over (order by case_domain),
        coalesce(code.label_zh, case_domain), region_code, date_trunc('month', file_date), count(*)
    from fct_enforcement_case
    left join dim_code as code on code.code_table = 'ENF_DOMAIN' and code.code = case_domain
    group by case_domain, code.label_zh, region_code, date_trunc('month', file_date)
    union all
    select 'inspection', case when is_joint then 1 else 2 end,
        case when is_joint then '综合查一次' else '单部门检查' end, left(town_code, 6),
        date_trunc('month', inspect_time), count(*)
    from stg_f11_law_enforcement_inspection
    where inspect_time <= timestamp '{as_of}'
    group by is_joint, left(town_code, 6), date_trunc('month', inspect_time)
)
select *, 'restricted' as scope_code from item
