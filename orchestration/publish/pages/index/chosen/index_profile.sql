-- Grain: one row per choice of 镇街, kind of reader, choice of 月份 and dimension: its score and its peers' median.
select
    town.pick, town.period, right(dim.dim_code, 1) || ' ' || coalesce(label.label_zh, '') as dim_text, dim.score, dim.peer_score,
    town.scope_code
from pages.index_chosen as town
inner join fct_index_dimension as dim
    on dim.card = 'TOWN' and dim.index_version = town.index_version
    and dim.unit_code = town.unit_code and dim.period_start = town.period_start
left join dim_code as label on label.code_table = 'INDEX_DIM' and label.code = dim.dim_code
