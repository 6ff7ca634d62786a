-- Grain: one row per choice of 镇街, kind of reader, choice of 月份 and item: what pulls the score down most first.
select
    town.pick, town.period, coalesce(label.label_zh, item.dim_code) as dim_text,
    item.item_code || ' ' || item.name_zh as item_text,
    coalesce(printf('%+.2f', round(item.contribution_peer, 2) + 0), '—') as points_text,
    coalesce(printf('%.1f', item.score), '—') as score_text,
    coalesce(printf('%.2f', item.value_shrunk), '—') as shrunk_text,
    coalesce(printf('%.2f', item.value), '—') as value_text,
    case when item.numerator is null or item.denominator is null then '—'
        else printf('%s / %s', format('{:,}', round(item.numerator)::bigint),
            case when item.denominator < 100 and item.denominator <> round(item.denominator)
                then printf('%.2f', item.denominator) else format('{:,}', round(item.denominator)::bigint) end)
    end as base_text,
    item.unit as unit_text,
    printf('%g → %g', item.goal_worst, item.goal_best) as goal_text,
    printf('%.1f%%', 100 * item.weight) as weight_text,
    case when item.value is null then '无数据，权重移给同维度'
        when item.is_inherited then '继承：' || case item.source_code when '{city_code}' then '全市'
            else coalesce(source.name_zh, item.source_code) end else '本镇街' end as source_text,
    row_number() over (partition by town.pick, town.scope_code, town.period
        order by item.contribution_peer nulls last, item.item_code) as place_no,
    town.scope_code
from pages.index_chosen as town
inner join fct_index_item as item
    on item.card = 'TOWN' and item.index_version = town.index_version
    and item.unit_code = town.unit_code and item.period_start = town.period_start
left join dim_code as label on label.code_table = 'INDEX_DIM' and label.code = item.dim_code
left join (
    select unit_code, any_value(name_zh) as name_zh from dim_unit
    where unit_level in ('district', 'station') group by unit_code
) as source on source.unit_code = item.source_code
