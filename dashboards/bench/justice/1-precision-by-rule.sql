-- 两法衔接预警：各规则复核为应移送的占比，带分母与区间
-- 分母是已有结论的预警（应移送、不移送、误报）；待复核与补充证据单列，不算错也不算对。区间为威尔逊 90% 区间
with params as (
    select date '2000-01-01' as since, 1.645 as z
),
counted as (
    select f.rule_id, f.light, p.z, count(*) as warnings_n,
        count(*) filter (f.review_result in ('1', '2', '4')) as n,
        count(*) filter (f.review_result = '1') as k,
        count(*) filter (f.review_result = '4') as false_alarms_n
    from f09_crime_transfer_warning as f, params as p
    where f.warn_time >= p.since
    group by all
),
spread as (
    select *, (k + z * z / 2) / (n + z * z) as middle,
        z * sqrt(k * (n - k) / nullif(n, 0)::double + z * z / 4) / (n + z * z) as half
    from counted
)
select rule_id as 规则, light as 灯, warnings_n as 预警数, n as 已有结论, k as 应移送,
    false_alarms_n as 误报, warnings_n - n as 未有结论, round(100.0 * k / nullif(n, 0), 1) as 占比,
    round(100 * (middle - half), 1) as 区间下限, round(100 * (middle + half), 1) as 区间上限
from spread
order by 预警数 desc, 规则
