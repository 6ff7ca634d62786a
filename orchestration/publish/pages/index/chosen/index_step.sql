-- Grain: one row per choice of 镇街, kind of reader, choice of 月份, step of the waterfall and part of its
-- bar. From the peers' median (zero) to the score: what a dimension's own items add, then all inherited ones
-- as one step. The part named by a space is the empty foot on which a bar stands. Steps in the score's own
-- direction come first, the greatest first, so that the way never crosses zero and a bar has one part.
with moved as (
    select town.pick, town.period, town.scope_code, town.score, town.peer_score,
        case when item.is_inherited then '继承值' else coalesce(label.label_zh, item.dim_code) end as words,
        item.is_inherited, sum(item.contribution_peer) as points,
        case when town.score < town.peer_score then -1 else 1 end as side
    from pages.index_chosen as town
    inner join fct_index_item as item
        on item.card = 'TOWN' and item.index_version = town.index_version
        and item.unit_code = town.unit_code and item.period_start = town.period_start
    left join dim_code as label on label.code_table = 'INDEX_DIM' and label.code = item.dim_code
    where town.score is not null and item.contribution_peer is not null
    group by all
),
walked as (
    select *, row_number() over walk as step_no, abs(sum(points) over walk) as reached
    from moved
    window walk as (partition by pick, scope_code, period order by side * points desc, words)
),
step as (
    select pick, period, scope_code, step_no || ' ' || words || printf(' %+.2f', round(points, 2) + 0) as step_text,
        side * least(reached, abs(reached - side * points)) as foot, side * abs(points) as points,
        case when is_inherited then '继承值' when points < 0 then '拉低' else '拉高' end as part
    from walked
    union all
    select pick, period, scope_code, printf('0 同类中位数 %.2f', any_value(peer_score)), 0, 0, '得分比同类中位数'
    from moved group by pick, period, scope_code
    union all
    select pick, period, scope_code, printf('得分 %.2f', any_value(score)), 0,
        any_value(score) - any_value(peer_score), '得分比同类中位数'
    from moved group by pick, period, scope_code
)
select pick, period, step_text, part, points, scope_code from step
union all
select pick, period, step_text, '　', foot, scope_code from step
