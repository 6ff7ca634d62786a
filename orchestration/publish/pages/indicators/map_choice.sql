-- Grain: one row per choice of the filter 地图指标: the indicators with a map of every period.
select distinct map_indicator, 'city' as scope_code from pages.map_feature where period <> '最新'
