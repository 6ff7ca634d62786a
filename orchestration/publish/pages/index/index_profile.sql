-- Grain: one row per choice of 区县, kind of reader, choice of 镇街 and dimension: its score and its peers' median.
select
    pick.district, pick.pick, coalesce(label.label_zh, dim.dim_code) as dim_text,
    dim.score, dim.peer_score, pick.scope_code
from pages.index_pick as pick
inner join fct_index_dimension as dim
    on dim.unit_code = pick.unit_code and dim.period_start = pick.period_start
    and dim.index_version = pick.index_version and dim.card = 'TOWN'
left join dim_code as label on label.code_table = 'INDEX_DIM' and label.code = dim.dim_code
