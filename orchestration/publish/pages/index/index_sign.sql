-- Grain: one row per choice of 区县, kind of reader and sign that a town hits the target and misses the point
-- (index_guard): the newest months first, the last three; one row saying so where there is none.
with sign as (
    select viewer.district, viewer.scope_code, unit.name_zh as unit_name, coalesce(home.name_zh, '—') as home,
        guard.name_zh as sign_text, coalesce(contract.name_zh, registry.name_zh, guard.source_code) as matter_text,
        strftime(guard.month_start, '%Y年%m月') as month_text, guard.month_start, guard.guard_code, guard.unit_code,
        case when guard.guard_code = 'G1' then '0 件' else format('{:,}', guard.counted_n) || ' / ' || format('{:,}', guard.matters_n) end as base_text,
        case when guard.guard_code = 'G1' then '—' else printf('%.1f%%', 100 * guard.share) end as share_text,
        guard.rule_zh as rule_text
    from index_guard as guard
    inner join dim_unit as unit on unit.unit_level = 'town' and unit.unit_code = guard.unit_code
    left join dim_unit as home on home.unit_level = 'district' and home.unit_code = unit.district_code
    left join contract_word as contract on contract.feed_code = guard.source_code
    left join dim_indicator as registry on registry.indicator_code = guard.source_code
    inner join pages.viewer as viewer on viewer.of_district is null or viewer.of_district = unit.district_code
    where guard.month_start >= date_trunc('month', timestamp '{as_of}') - interval 3 month
)
select *, row_number() over (partition by district, scope_code
    order by month_start desc, guard_code, unit_code, matter_text) as sign_no
from sign
union all
select viewer.district, viewer.scope_code, '没有提示', '—', '—', '—', '—', null, '', '', '—', '—',
    '近三个月没有镇街触发核查提示', 1
from pages.viewer as viewer
where not exists (select 1 from sign where sign.district = viewer.district and sign.scope_code = viewer.scope_code)
