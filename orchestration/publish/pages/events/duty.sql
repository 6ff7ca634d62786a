-- Grain: one row per topic, choice of 区县, kind of reader and unit: what it owes, what is overdue. Units are
-- organisations and stations, never persons; only units that owe something stand here.
with owed as (
    -- M05: measures against risks; a report that was replaced owes nothing any more.
    select 'measure' as topic, measure.measure_org_code as unit_code, report.region_code as district_code,
        measure.measure_due::timestamp + interval 1 day as due_time
    from stg_p08_risk_point_measure as measure
    inner join (
        select *, row_number() over (partition by decision_id order by report_version desc) as recency
        from fct_risk_report) as report
        on report.report_id = measure.report_id and report.recency = 1
    where measure.measure_done is null or measure.measure_done > timestamp '{as_of}'
    union all
    -- J03: suggestions wait two months for an answer.
    select 'suggestion', org_code, region_code, (suggest_date + interval 2 month)::timestamp + interval 1 day
    from fct_procuratorial_clue
    where suggestion_id is not null and reply_date is null
    union all
    select 'matter', coop_org_code, region_code, due_time
    from fct_coop_matter where finish_time is null
    union all
    select 'sheet', unit_code, region_code, due_date::timestamp + interval 1 day
    from stg_f23_pingan_creation_item
    where issue_date <= timestamp '{as_of}'
        and (finish_date is null or finish_date > timestamp '{as_of}')
    union all
    select 'handover', dept_org_code, left(town_code, 6), due_time
    from fct_call_handover where finish_time is null and not back_to_police
    union all
    select 'city_case', org_code, left(town_code, 6), due_time
    from fct_city_mgmt_event
    where file_time <= timestamp '{as_of}' and (handle_time is null or handle_time > timestamp '{as_of}')
    union all
    select 'danger', org_code, left(town_code, 6), rectify_due::timestamp + interval 1 day
    from stg_p37_hidden_danger
    where find_time <= timestamp '{as_of}' and (rectify_date is null or rectify_date > timestamp '{as_of}')
    union all
    select 'finding', unit_code, region_code, rectify_due::timestamp + interval 1 day
    from fct_police_finding where rectify_date is null and coalesce(result, '-') <> '3'
    union all
    select 'opinion_order', station_code, null, order_due::timestamp
    from fct_feedback
    where order_id is not null and order_due is not null
        and (order_finish is null or order_finish > timestamp '{as_of}')
    union all
    select 'order', unit_code, region_code, sign_due
    from fct_dispatch_order
    where issue_time <= timestamp '{as_of}' and (sign_time is null or sign_time > timestamp '{as_of}')
),
named as (
    select owed.*, coalesce(unit.name_zh, '未归属') as unit_name,
        coalesce(owed.district_code, unit.district_code) as of_district
    from owed
    left join dim_unit as unit on unit.unit_level = 'unit' and unit.unit_code = owed.unit_code
    where owed.due_time is not null
),
counted as (
    select named.topic, viewer.district, viewer.scope_code, named.unit_name, count(*) as open_n,
        count(*) filter (where due_time < timestamp '{as_of}') as overdue_n,
        count(*) filter (where due_time >= timestamp '{as_of}'
            and due_time < timestamp '{as_of}' + interval 7 day) as soon_n,
        min(due_time - interval 1 second) as oldest
    from named
    inner join pages.viewer as viewer
        on viewer.of_district is null or named.of_district = viewer.of_district
        or (viewer.unit_level = 'city' and coalesce(named.of_district, '{city_code}') = '{city_code}')
    group by all
),
-- Nothing owed is said, too: a page never shows an empty table.
nothing as (
    select topic, viewer.district, viewer.scope_code, '无未完成事项' as unit_name, 0 as open_n,
        0 as overdue_n, 0 as soon_n, null::timestamp as oldest
    from (values ('measure'), ('suggestion'), ('matter'), ('sheet'), ('handover'), ('city_case'),
        ('danger'), ('finding'), ('opinion_order'), ('order')) as listed (topic)
    cross join pages.viewer as viewer
    where (topic, viewer.district, viewer.scope_code) not in (
        select (topic, district, scope_code) from counted)
)
select
    topic, district, unit_name, open_n, soon_n, overdue_n, coalesce(strftime(oldest, '%Y-%m-%d'), '—') as oldest_text,
    case when overdue_n > 0 then '■ 有逾期' when soon_n > 0 then '▲ 将到期' else '● 正常' end as light_text,
    row_number() over (partition by topic, district, scope_code order by overdue_n desc, soon_n desc, open_n desc, unit_name)
        as duty_no,
    scope_code,
    -- Whose duty it is to see that it is done: that department's leadership sees the list.
    case when topic in ('order', 'finding', 'opinion_order') then 'police'
        when topic = 'suggestion' then 'procuratorate'
        when topic = 'matter' then 'court'
        when topic = 'city_case' then 'enforcement'
        when topic = 'handover' then 'governance'
        when topic = 'danger' then 'emergency' end as department
from (select * from counted union all select * from nothing)
