-- Grain: one row per card and choice of 月份: the official month it means. 最新 is the card's newest.
with month as (
    select card, index_version, period_start, period_end,
        row_number() over (partition by card order by period_start desc) as ordinal
    from (select distinct card, index_version, period_start, period_end from fct_index where is_official)
    where period_start > timestamp '{as_of}' - interval 13 month
)
select '最新' as period, * exclude (ordinal), 'city' as scope_code from month where ordinal = 1
union all
select strftime(period_start, '%Y年%m月'), * exclude (ordinal), 'city' from month
