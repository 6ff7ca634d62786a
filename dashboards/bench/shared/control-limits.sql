months as (
    select i.period_label, i.numerator, i.denominator, i.is_running, p.sigmas
    from indicator as i
    join params as p using (indicator_code, unit_level, unit_code)
    where i.window_kind = 'month' and i.denominator > 0
),
centre as (
    select sum(numerator) / sum(denominator) as share from months where not is_running
)
-- p 图：每月的界限随当月分母变化，分母小的月份界限宽
select m.period_label as 月份, m.numerator as 分子, m.denominator as 分母,
    round(100 * m.numerator / m.denominator, 2) as 当月值, round(100 * c.share, 2) as 中心线,
    round(100 * greatest(0, c.share - m.sigmas * sqrt(c.share * (1 - c.share) / m.denominator)), 2)
        as 下控制限,
    round(100 * least(1, c.share + m.sigmas * sqrt(c.share * (1 - c.share) / m.denominator)), 2)
        as 上控制限,
    abs(m.numerator / m.denominator - c.share)
        > m.sigmas * sqrt(c.share * (1 - c.share) / m.denominator) as 失控,
    m.is_running as 当月未结束
from months as m, centre as c
order by m.period_label
