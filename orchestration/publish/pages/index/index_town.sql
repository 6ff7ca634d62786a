-- Grain: one row per choice of 区县, kind of reader and town: its score in the newest month, lowest first.
select
    pick.district, unit.name_zh as town, coalesce(home.name_zh, '—') as home,
    case unit.town_type when '1' then '街道' when '2' then '镇' when '3' then '乡' else '—' end as kind,
    coalesce(score.band, '—') as band_text,
    coalesce(printf('%.1f', score.score_final), '—') as score_text,
    coalesce(printf('%.0f–%.0f', score.interval_low, score.interval_high), '—') as interval_text,
    coalesce(printf('%.1f', score.peer_score), '—') as peer_text,
    case score.light when 'R' then '■ 红' when 'Y' then '▲ 黄' when 'G' then '● 绿' else '○ 不评分' end as light_text,
    case when score.change_month is null then '—' when abs(score.change_month) < 0.05 then '持平'
        when score.change_month > 0 then '↑ ' || printf('%.1f', score.change_month)
        else '↓ ' || printf('%.1f', -score.change_month) end as change_text,
    case when score.change_3months is null then '—' when abs(score.change_3months) < 0.05 then '持平'
        when score.change_3months > 0 then '↑ ' || printf('%.1f', score.change_3months)
        else '↓ ' || printf('%.1f', -score.change_3months) end as change_3months_text,
    printf('%.0f%%', 100 * score.inherited_share) as inherited_text,
    coalesce(score.why_not_zh, score.light_reason_zh) as reason_text,
    row_number() over (partition by pick.district, pick.scope_code
        order by score.score_final nulls last, unit.unit_code) as place_no,
    pick.scope_code
from pages.index_pick as pick
inner join fct_index as score
    on score.unit_code = pick.unit_code and score.period_start = pick.period_start
    and score.index_version = pick.index_version and score.card = 'TOWN'
inner join dim_unit as unit on unit.unit_level = 'town' and unit.unit_code = pick.unit_code
left join dim_unit as home on home.unit_level = 'district' and home.unit_code = unit.district_code
where pick.pick <> '最低分'
