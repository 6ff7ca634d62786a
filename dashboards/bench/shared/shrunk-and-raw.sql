latest as (
    select coalesce(max(i.period_label) filter (not i.is_running), max(i.period_label))
        as period_label
    from indicator as i
    join params using (indicator_code, unit_level, window_kind)
),
ranked as (
    select i.unit_level, i.unit_code, i.numerator, i.denominator, i.value, i.value_shrunk,
        i.interval_low, i.interval_high,
        rank() over (order by i.value) as raw_rank, rank() over (order by i.value_shrunk) as rank
    from indicator as i
    join params using (indicator_code, unit_level, window_kind)
    join latest using (period_label)
    where i.value is not null and i.value_shrunk is not null
)
-- 位次差大的单位分母小：它的原始位次主要是偶然
select u.name_zh as 单位, r.numerator as 分子, r.denominator as 分母,
    round(r.value, 2) as 原始值, round(r.value_shrunk, 2) as 收缩值,
    round(r.interval_high - r.interval_low, 2) as 区间宽度,
    r.raw_rank as 原始位次, r.rank as 收缩位次, r.raw_rank - r.rank as 位次差
from ranked as r
left join unit as u using (unit_level, unit_code)
order by abs(r.raw_rank - r.rank) desc, r.denominator
limit 50
