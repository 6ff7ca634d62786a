-- Grain: one row per choice of 区县, kind of reader, choice of 镇街 and item, what costs most first.
select
    pick.district, pick.pick, coalesce(label.label_zh, item.dim_code) as dim_text,
    item.item_code || ' ' || item.name_zh as item_text,
    case when item.contribution_peer is null then '—' when abs(item.contribution_peer) < 0.005 then '0.00' else printf('%+.2f', item.contribution_peer) end as points_text,
    coalesce(printf('%.0f', item.score), '—') as score_text,
    coalesce(printf('%.2f', item.value), '—') as value_text,
    coalesce(printf('%.2f', item.value_shrunk), '—') as shrunk_text,
    item.unit as unit_text,
    printf('%g → %g', item.goal_worst, item.goal_best) as goal_text,
    printf('%.1f%%', 100 * item.weight) as weight_text,
    case when item.is_inherited then '继承自 ' || coalesce(source.name_zh, item.source_code)
        when item.value_shrunk is null then '无数据，权重移出' else '本镇街' end as source_text,
    row_number() over (partition by pick.district, pick.scope_code, pick.pick
        order by item.contribution_peer nulls last, item.item_code) as place_no,
    pick.scope_code
from pages.index_pick as pick
inner join fct_index_item as item
    on item.unit_code = pick.unit_code and item.period_start = pick.period_start
    and item.index_version = pick.index_version and item.card = 'TOWN'
left join dim_code as label on label.code_table = 'INDEX_DIM' and label.code = item.dim_code
left join (
    select unit_code, any_value(name_zh) as name_zh from dim_unit
    where unit_level in ('city', 'district', 'station') group by 1
) as source on source.unit_code = item.source_code
