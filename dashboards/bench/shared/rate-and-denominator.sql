chosen as (
    select p.indicator_code, p.unit_level, coalesce(
        p.period_label,
        max(i.period_label) filter (not i.is_running),
        max(i.period_label)
    ) as period_label
    from params as p
    join indicator as i using (indicator_code, unit_level)
    where i.window_kind = 'month'
    group by p.indicator_code, p.unit_level, p.period_label
)
select u.name_zh as 单位, i.period_label as 月份, i.numerator as 分子, i.denominator as 分母,
    round(i.value, 2) as 原始值, round(i.value_shrunk, 2) as 收缩值,
    round(i.interval_low, 2) as 区间下限, round(i.interval_high, 2) as 区间上限, i.light as 灯
from indicator as i
join chosen using (indicator_code, unit_level, period_label)
left join unit as u using (unit_level, unit_code)
where i.window_kind = 'month'
order by i.denominator desc nulls last, 单位
