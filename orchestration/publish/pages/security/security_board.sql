-- Grain: one row per tile of the page 数据安全, in the columns of indicator_board.
with contract as (
    select count(*) as feeds_n, count(*) filter (where purpose <> '' and legal_basis <> '' and owner <> ''
        and retention_days > 0) as registered_n
    from contract_word
),
treated as (
    select sum(columns_n) filter (where treatment <> '原样（无个人信息）') as personal_n,
        sum(columns_n) filter (where treatment = '不落湖') as dropped_n
    from column_word
),
found as (select coalesce(sum(month_rows), 0) as rows_n from pages.personal_finding),
zone as (select count(*) as feeds_n from zoned_feed),
erased as (select coalesce(sum(erased_rows), 0) as rows_n from pages.erasure),
tile as (
    select 1 as tile_no, '目的登记' as indicator, registered_n || '/' || feeds_n as value_text, '份' as unit,
        case when registered_n = feeds_n then '● 绿' else '■ 红' end as light_text, '全部登记' as target_text,
        '未登记不接收' as note
    from contract
    union all
    select 2, '含个人信息的列', personal_n::bigint::varchar, '列', '○', '逐列定级', '其中 ' || dropped_n || ' 列不落湖' from treated
    union all
    select 3, '合同外内容', rows_n::bigint::varchar, '行', case when rows_n = 0 then '● 绿' else '▲ 黄' end, '0', '近30日，按内容发现'
    from found
    union all
    select 4, '专域数据源', feeds_n::varchar, '个', '○', '只出10人以上计数', '卫健域、未成年人域' from zone
    union all
    select 5, '到期已删', rows_n::bigint::varchar, '行', '● 绿', '到期即删', '含历史版本，有证明' from erased
)
select *, 'operations' as scope_code from tile
