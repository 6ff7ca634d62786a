-- Grain: one row per level of the source and treatment at the door: how many columns of all contracts.
select
    level, level || ' ' || case level when 'L1' then '公开' when 'L2' then '内部' when 'L3' then '敏感'
        else '极敏感' end as level_text,
    treatment, sum(columns_n) as columns_n, 'city' as scope_code
from column_word
group by all
