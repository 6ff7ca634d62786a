-- Grain: one row per tile of the page 数据健康 (last 30 days), in the columns of indicator_board.
with delivery as (
    select count(*) as due_n, count(*) filter (where landed_time is not null) as landed_n,
        count(*) filter (where status = '1') as on_time_n
    from fct_delivery
    where is_due and due_time > timestamp '{as_of}' - interval 30 day
        and due_time <= timestamp '{as_of}'
),
landed as (
    -- Rows of the feeds outside the L4 zones: a total over all would give a zone's small counts back.
    select coalesce(sum(rows_n) filter (where zoned_feed.feed_code is null), 0) as rows_n,
        coalesce(sum(quarantined_n), 0) as quarantined_n,
        coalesce(sum(abs(unbalanced_n)), 0) as unbalanced_n,
        count(*) filter (where status_text = '■ 拒收') as refused_n
    from pages.receipt as receipt
    left join zoned_feed on zoned_feed.feed_code = receipt.feed_code
),
checked as (
    select count(*) as runs_n, count(*) filter (where passed) as passed_n
    from fct_quality_test
    where run_time > timestamp '{as_of}' - interval 30 day and run_time <= timestamp '{as_of}'
),
tile as (
    select 1 as tile_no, '及时率' as indicator,
        100.0 * on_time_n / nullif(due_n, 0) as share, 99 as target, 95 as red, '%' as unit,
        printf('按时 %d/%d 批', on_time_n, due_n) as note
    from delivery
    union all
    select 2, '到达率', 100.0 * landed_n / nullif(due_n, 0), 100, 97, '%',
        printf('到达 %d/%d 批', landed_n, due_n)
    from delivery
    union all
    select 3, '检查通过率', 100.0 * passed_n / nullif(runs_n, 0), 99, 95, '%',
        printf('通过 %d/%d 次', passed_n, runs_n)
    from checked
    union all
    select 4, '合格行率', 100.0 * (rows_n - quarantined_n) / nullif(rows_n, 0), 99, 95, '%',
        printf('隔离 %d 行', quarantined_n::bigint)
    from landed
    union all
    select 5, '守恒差额', unbalanced_n, 0, null, '行', '收支逐批相抵' from landed
    union all
    select 6, '整批拒收', refused_n, null, null, '批', '近30日' from landed
)
select
    tile_no, indicator,
    case when share is null then '—' when unit = '%' then printf('%.2f', share)
        else printf('%d', share::bigint) end as value_text,
    unit,
    case when share is null then '○ 灰'
        when unit <> '%' then case when share = 0 then '● 绿' when target = 0 then '■ 红'
            else '▲ 黄' end
        when share < red then '■ 红' when share < target then '▲ 黄' else '● 绿' end as light_text,
    case when target is null then '逐批核对' when unit = '%' then '≥' || target else '= 0' end
        as target_text,
    note, 'operations' as scope_code
from tile
