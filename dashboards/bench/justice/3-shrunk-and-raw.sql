-- 各规则的预警准确率：收缩值与原始值对照
-- 预警少的规则，原始准确率可能是一两件的偶然；先看收缩值和区间宽度
with params as (
    select 'L05' as indicator_code, 'rule' as unit_level, 'quarter' as window_kind
),
-- 其余见 shrunk-and-raw.sql
