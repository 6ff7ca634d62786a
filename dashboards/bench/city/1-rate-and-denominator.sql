-- 矛盾纠纷按期化解率：各区县，带分子分母
-- 看率必看分母；换成任一指标代码和层级即可
with params as (
    select 'D09' as indicator_code, 'district' as unit_level, null::varchar as period_label  -- 空：最近一个已结束的月
),
-- 其余见 rate-and-denominator.sql
