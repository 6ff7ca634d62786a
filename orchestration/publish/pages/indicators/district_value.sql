-- Grain: one row per district, choice of 时段 and indicator: the district's own value and the target.
-- A hidden value is null; its target still stands.
select
    board.district as place, board.district_order as place_order, board.period, board.indicator_code,
    board.value, registry.target, board.value_text, board.light_text, board.scope_code
from pages.indicator_board as board
inner join dim_indicator as registry using (indicator_code)
where board.scope <> '全市' and board.scope_code not in ('city', 'peer')
