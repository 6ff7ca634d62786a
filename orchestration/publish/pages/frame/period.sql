-- Grain: one row per choice of the filter 时段 and indicator: which stored period it stands for.
-- 最新 is the newest period of each indicator whose city value is final (complete, not
-- provisional, not running); a stock is read on its last day in the month.
with city as (
    select distinct indicator_code, window_kind, period_start, period_end, period_label,
        (is_complete and not is_provisional and not is_running and value is not null) as is_final,
        is_running, strftime(period_end, '%Y年%m月') as period
    from fct_indicator
    where unit_level = 'city' and window_kind in ('month', 'ytd', 'quarter', 'half_year', 'year', 'rolling_year', 'stock', 'to_date')
),
newest as (
    select *, row_number() over (
        partition by indicator_code order by is_final desc, period_end desc,
            case window_kind when 'month' then 1 else 2 end, window_kind) as ordinal
    from city
),
by_month as (
    select *, row_number() over (
        partition by indicator_code, period
        order by period_end desc, case window_kind when 'month' then 1 else 2 end, window_kind) as ordinal
    from city
    -- A quarter or a year stands at its last month, so only once it is over.
    where window_kind in ('month', 'ytd', 'stock', 'to_date') or not is_running
)
select '最新' as period, * exclude (period, ordinal, is_running), 'city' as scope_code from newest where ordinal = 1
union all
select period, * exclude (period, ordinal, is_running), 'city' from by_month where ordinal = 1
