-- 小单位的率：收缩值与原始值对照
-- 排名之前先看收缩前后位次差：差得多的，原始排名靠不住
with params as (
    select 'D09' as indicator_code, 'district' as unit_level, 'month' as window_kind
),
-- 其余见 shrunk-and-raw.sql
