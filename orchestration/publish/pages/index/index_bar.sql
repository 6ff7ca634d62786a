-- Grain: one row per choice of 区县, kind of reader, choice of 镇街 and bar of its waterfall: what each dimension adds
-- to its peers' median, what is inherited as one bar; together they are the difference.
select
    pick.district, pick.pick,
    case when item.is_inherited then '继承（区县、派出所、全市）' else coalesce(dim.label_zh, item.dim_code) end as bar_text,
    round(sum(item.contribution_peer), 4) as points,
    pick.scope_code
from pages.index_pick as pick
inner join fct_index_item as item
    on item.unit_code = pick.unit_code and item.period_start = pick.period_start
    and item.index_version = pick.index_version and item.card = 'TOWN'
left join dim_code as dim on dim.code_table = 'INDEX_DIM' and dim.code = item.dim_code
where item.contribution_peer is not null
group by all
