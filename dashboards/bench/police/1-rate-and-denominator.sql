-- 刑事警情万人发案率：各镇街，带分子分母
-- 看率必看分母：人口少的镇街，一起警情就能让率翻倍
with params as (
    select 'P01' as indicator_code, 'town' as unit_level, null::varchar as period_label  -- 空：最近一个已结束的月
),
-- 其余见 rate-and-denominator.sql
