-- Grain: one row per topic and member: the lists of the programme (R07) and the ledger S0 (F24).
-- A name that the register does not give is told as such, with its number.
with register as (
    select register.*, coalesce(nullif(register.name_zh, ''), '第' || register.ord || '项（名称未公布）') as item,
        unit.name_zh as place
    from stg_r07_programme_register as register
    left join dim_unit as unit
        on unit.unit_level = 'district' and unit.unit_code = register.region_code
        and register.region_code <> '{city_code}'
),
item as (
    -- Lists of applications; what the ledger says of a member stands beside it.
    select case list_code when 'CH' then 'challenge' when 'BP' then 'best_practice' when 'TL' then 'task'
            when 'GA' then 'good' when 'S1' then 's1' end as topic,
        ord as item_no, register.item, coalesce(register.place, '全市') as place, '○ 列入清单' as state_text,
        coalesce(strftime(register.issued_date, '%Y-%m-%d'), '—') as date_text, '—' as kind_text
    from register
    where list_code in ('CH', 'BP', 'TL', 'GA') and item_kind = '02'
    union all
    select 'honour', row_number() over (order by item_year desc nulls first, list_code, ord), item,
        coalesce(place, '全市'), case result when '01' then '● 已命名' when '02' then '▲ 未命名' else '○ 待定' end,
        coalesce(item_year::varchar, '未给年份'), case list_code when 'PC' then '平安市' when 'PD' then '平安县（市、区）' else '平安金鼎' end
    from register where list_code in ('PC', 'PD', 'PG')
    union all
    select 'youth_parts', header.ord, header.item, '全市', '○ ' || count(part.item_id) || ' 项', '—', '结构要素'
    from register as header
    inner join register as part on part.parent_item_id = header.item_id and part.list_code = 'YS'
    where header.list_code = 'YS' and header.item_kind = '01'
    group by header.ord, header.item
    union all
    select 'justice', ord, item, '全市', '○ 列入', '—', '核心业务'
    from register where list_code = 'JB' and item_kind = '06'
    union all
    select 'rule', ord, item, '全市', '○ 列入', '—', '规定制度' from register where list_code = 'RU'
    union all
    select listed.topic, row_number() over (partition by listed.topic order by app_id), app_name,
        case when app.region_code = '{city_code}' then '全市' else coalesce(unit.name_zh, '全市') end,
        case when award = 'G' then '● 全省好应用' when online_date is not null and pilot_level = 'T' then '● 省级推广'
            when online_date is not null and pilot_level = 'P' then '● 省级试点' when online_date is not null then '● 已上线'
            when registered_date is not null then '▲ 已入库' when review_date is not null then '○ 审核中' else '○ 已报送' end,
        coalesce(strftime(coalesce(online_date, registered_date, report_date), '%Y-%m-%d'), '—'),
        coalesce(domain.label_zh, app.domain)
    from fct_scene_app as app
    left join dim_unit as unit on unit.unit_level = 'district' and unit.unit_code = app.region_code
    left join dim_code as domain on domain.code_table = 'DOMAIN' and domain.code = app.domain,
        lateral (values ('app', true), ('s1', s1_major_app is not null), ('district_app', app.region_code <> '{city_code}'))
            as listed (topic, holds)
    where listed.holds
)
select topic, item_no, item, place, kind_text, state_text, date_text, 'city' as scope_code from item
