-- 数据新鲜度：各指标最近一期与到达情况
-- 使用数字之前先看：最近一期是哪一期、是否还会变、来源是否按时到达
with params as (
    select 95.0 as least_on_time_pct
),
-- 其余见 freshness.sql
