-- Grain: one row per choice of 区县, kind of reader, kind of town and band: how many towns.
select district, kind, '档 ' || band_text as band_text, count(*) as towns_n, scope_code
from pages.index_town group by all
