-- Grain: one row per choice of 区县 and kind of change since the same hour of yesterday: lights that came on
-- and went out, indicators whose light turned, deliveries. The lights of the L4 zones are not here.
with place as (select * from pages.scope where unit_level in ('city', 'district')),
lit as (
    select place.district, lit.light, lit.area_zh,
        lit.raised_at > timestamp '{as_of}' - interval 1 day as is_new,
        coalesce(lit.ended_at > timestamp '{as_of}' - interval 1 day and not lit.is_standing, false) as is_ended
    from fct_warning as lit
    inner join place on place.unit_level = 'city' or place.unit_code = lit.unit_district
    where lit.light in ('R', 'Y') and left(lit.rule_id, 2) not in ('MH', 'YP')
        and lit.raised_at <= timestamp '{as_of}'
        and (lit.raised_at > timestamp '{as_of}' - interval 1 day or lit.ended_at > timestamp '{as_of}' - interval 1 day)
),
kind (item_no, item_text, light_text, of_light, ended) as (
    values (1, '新亮红灯', '■ 红', 'R', false), (2, '新亮黄灯', '▲ 黄', 'Y', false), (3, '灯已了结', '○', null, true)
),
of_lights as (
    select place.district, kind.item_no, kind.item_text, kind.light_text, coalesce(sum(by_area.lights_n), 0) as changes_n,
        -- The areas with the most lights first, three of them.
        coalesce(array_to_string(list_slice(list(by_area.area_zh || ' ' || by_area.lights_n
            order by by_area.lights_n desc, by_area.area_zh) filter (where by_area.lights_n > 0), 1, 3), '、'), '无') as detail_text
    from place cross join kind
    left join (
        select lit.district, kind.item_no, lit.area_zh, count(*) as lights_n
        from lit inner join kind on (kind.ended and lit.is_ended) or (lit.is_new and lit.light = kind.of_light)
        group by all
    ) as by_area on by_area.district = place.district and by_area.item_no = kind.item_no
    group by all
),
-- The newest light of each indicator of a unit now, and as it stood in the last release of a day before.
turned as (
    select now.unit_level, now.unit_code, registry.name_zh, now.light as light_now, before.light as light_then
    from (
        select unit_level, unit_code, indicator_code, max_by(light, (period_end, window_kind)) as light
        from fct_indicator where light is not null and unit_level in ('city', 'district') group by all
    ) as now
    inner join light_before as before using (unit_level, unit_code, indicator_code)
    inner join dim_indicator as registry using (indicator_code)
    where now.light <> before.light
),
of_indicators as (
    select place.district, 4 as item_no, '指标变灯' as item_text,
        case when bool_or(turned.light_now = 'R') then '■ 红' when bool_or(turned.light_now = 'Y') then '▲ 黄' else '○' end as light_text,
        count(turned.name_zh) as changes_n,
        case when not exists (select 1 from light_before) then '此前没有发布，无从比较'
            else coalesce(array_to_string(list_slice(list(turned.name_zh || ' ' || case turned.light_then when 'R' then '红' when 'Y' then '黄' else '绿' end
                || '→' || case turned.light_now when 'R' then '红' when 'Y' then '黄' else '绿' end order by turned.light_now desc, turned.name_zh)
                filter (where turned.name_zh is not null), 1, 3), '、'), '无') end as detail_text
    from place
    left join turned on turned.unit_level = place.unit_level and turned.unit_code = place.unit_code
    group by all
),
delivery as (
    select count(*) as due_n, count(*) filter (where status = '1') as on_time_n,
        string_agg(distinct feed_name(unit.name_zh), '、' order by feed_name(unit.name_zh)) filter (where status <> '1') as wanting_text
    from fct_delivery
    left join dim_unit as unit on unit.unit_level = 'feed' and unit.unit_code = fct_delivery.feed_code
    where is_due and due_time > timestamp '{as_of}' - interval 1 day and due_time <= timestamp '{as_of}'
),
of_deliveries as (
    select place.district, 5 as item_no, '数据到达' as item_text,
        case when on_time_n = due_n then '● 按时' else '▲ 未齐' end as light_text, on_time_n as changes_n,
        printf('应到 %d 批', due_n) || coalesce('；未按时：' || wanting_text, '，全部按时') as detail_text
    from place cross join delivery
)
select change.*, place.district_order, place.scope_code
from (
    select * from of_lights union all select * from of_indicators union all select * from of_deliveries
) as change
inner join place using (district)
