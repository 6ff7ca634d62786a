-- 网格事件办结率：各镇街，带分子分母
-- 看率必看分母：事件少的镇街，几件未结就很难看
with params as (
    select 'U06' as indicator_code, 'town' as unit_level, null::varchar as period_label  -- 空：最近一个已结束的月
),
-- 其余见 rate-and-denominator.sql
