-- Grain: one row per choice of 月份, card and unit: its official score, ready to print. A rank only where its
-- 90 % interval is narrow enough for judging to have given one.
select
    month.period, score.card, score.unit_code, unit.name_zh as unit_name, unit.district_code,
    coalesce(home.name_zh, '市级') as home,
    case unit.town_type when '1' then '街道' when '2' then '镇' when '3' then '乡' else '—' end as kind,
    month.period_start, month.index_version, score.score, score.peer_score,
    case score.band when 'R' then '红线' else coalesce(score.band, '—') end as band_text,
    coalesce(printf('%.1f', score.score_final), '—') as score_text,
    coalesce(printf('%.1f', score.score), '—') as raw_text,
    coalesce(printf('%.1f—%.1f', score.interval_low, score.interval_high), '—') as interval_text,
    coalesce(printf('%.1f', score.peer_score), '—') as peer_text,
    case score.light when 'R' then '■ 红' when 'Y' then '▲ 黄' when 'G' then '● 绿' else '○ 不评分' end as light_text,
    case when score.change_month is null then '—' when abs(score.change_month) < 0.05 then '持平'
        else case when score.change_month > 0 then '↑ ' else '↓ ' end || printf('%.1f', abs(score.change_month))
    end as change_text,
    case when score.change_3months is null then '—' when abs(score.change_3months) < 0.05 then '持平'
        else case when score.change_3months > 0 then '↑ ' else '↓ ' end || printf('%.1f', abs(score.change_3months))
    end as change_3months_text,
    printf('%.0f%%', 100 * score.inherited_share) as inherited_text,
    coalesce(score.rank::varchar, '—') as rank_text,
    format('{:,}', score.due_n::bigint) as due_text,
    score.why_not_zh, coalesce(score.why_not_zh, score.light_reason_zh) as reason_text,
    row_number() over (partition by month.period, score.card
        order by score.score_final nulls last, score.unit_code) as unit_order,
    'restricted' as scope_code
from fct_index as score
inner join pages.index_month as month
    on month.card = score.card and month.index_version = score.index_version
    and month.period_start = score.period_start
inner join dim_unit as unit on unit.unit_level = score.unit_level and unit.unit_code = score.unit_code
left join dim_unit as home
    on home.unit_level = 'district' and home.unit_code = unit.district_code and home.unit_code <> '{city_code}'
where score.is_official
