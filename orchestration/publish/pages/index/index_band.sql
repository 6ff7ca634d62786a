-- Grain: one row per choice of 区县, kind of reader, choice of 月份, peer group of towns and band: how many.
select district, period, kind, case band_text when '—' then '不评分' when '红线' then 'R 红线' else band_text || ' 档' end
    as band_text, count(*) as towns_n, scope_code
from pages.index_town group by all
