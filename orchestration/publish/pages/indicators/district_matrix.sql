-- Grain: one row per place (the city, each district) and choice of 时段: every indicator's value
-- with its light, a column each (`c02_2` is C02#2). What is hidden says so. An indicator that no feed of
-- this city supports has its column too: pages name it.
with cell as (
    select board.district as place, board.district_order as place_order, board.period, board.scope_code,
        lower(replace(board.indicator_code, '#', '_')) as indicator_column,
        case when board.district <> '全市' and board.scope = '全市' then '—'
            when board.value_text in ('不公开', '—') then board.value_text
            else case board.light_text when '○ 灰' then '' else left(board.light_text, 1) || ' ' end
                || board.value_text end as words
    from pages.indicator_board as board
    where board.scope_code <> 'peer'
),
place as (
    select distinct place, place_order, period, scope_code from cell
),
told as (
    select place.*, known.indicator_column, coalesce(cell.words, '—') as words
    from place
    cross join (
        select distinct lower(replace(indicator_code, '#', '_')) as indicator_column from dim_indicator
    ) as known
    left join cell using (place, place_order, period, scope_code, indicator_column)
)
pivot told on indicator_column using first(words)
