-- Grain: one row per choice of 镇街, kind of reader, line and month: the score, its 90 % interval and the
-- peers' median.
select
    pick.pick, strftime(score.period_start, '%Y年%m月') as month_text, line.line, line.value, pick.scope_code
from pages.index_pick as pick
inner join pages.index_month as month on month.card = 'TOWN' and month.period <> '最新'
inner join fct_index as score
    on score.card = 'TOWN' and score.index_version = month.index_version and score.is_official
    and score.period_start = month.period_start and score.unit_code = pick.unit_code,
    lateral (values ('◆ 得分', score.score), ('同类中位数', score.peer_score),
        ('90%区间上限', score.interval_high), ('90%区间下限', score.interval_low)) as line (line, value)
where line.value is not null
