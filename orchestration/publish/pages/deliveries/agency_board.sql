-- Grain: one row per agency that owes deliveries: the last 30 days, worst first, and the indicators that read
-- a feed of it whose newest delivery is late, missing or refused. Agencies are offices, never persons.
with delivery as (
    select * from fct_delivery
    where is_due and due_time > timestamp '{as_of}' - interval 30 day and due_time <= timestamp '{as_of}'
),
-- A quarantined row of a feed of an L4 zone is not counted here: parts beside a whole give a small part back.
owed as (
    select delivery.owner_org_code, count(*) as due_n, count(*) filter (where status = '1') as on_time_n,
        count(*) filter (where status = '2') as late_n, count(*) filter (where status = '3') as missing_n,
        count(*) filter (where status = '4') as refused_n, count(distinct delivery.feed_code) as feeds_n,
        sum(rows_n) filter (where zoned_feed.feed_code is null) as rows_n,
        sum(quarantined_n) filter (where zoned_feed.feed_code is null) as quarantined_n
    from delivery left join zoned_feed using (feed_code)
    group by all
),
newest as (
    select owner_org_code, feed_code, status, period_end from delivery
    qualify row_number() over (partition by owner_org_code, feed_code, region_code
        order by due_time desc, period_end desc) = 1
),
wanting as (
    select owner_org_code, string_agg(distinct contract_word.name_zh, '、' order by contract_word.name_zh) as feeds_text
    from newest inner join contract_word using (feed_code)
    where status <> '1' group by all
),
affected as (
    select newest.owner_org_code,
        string_agg(distinct registry.name_zh, '、' order by registry.name_zh) as indicators_text
    from newest
    inner join dim_indicator as registry
        on list_contains(string_split(replace(registry.sources, ' ', ''), ';'), newest.feed_code)
    where newest.status <> '1' group by all
)
select
    coalesce(unit.name_zh, owed.owner_org_code) as agency_text, feeds_n, due_n, late_n, missing_n, refused_n,
    printf('%.1f%%', 100.0 * on_time_n / due_n) as on_time_text,
    coalesce(printf('%.2f%%', 100.0 * quarantined_n / nullif(rows_n, 0)), '—') as quarantined_text,
    case when missing_n + refused_n > 0 then '■ 有缺失或拒收' when on_time_n < 0.99 * due_n then '▲ 低于99%'
        else '● 按时' end as state_text,
    coalesce(wanting.feeds_text, '—') as wanting_text, coalesce(affected.indicators_text, '—') as affected_text,
    row_number() over (order by missing_n + refused_n desc, on_time_n / due_n, unit.name_zh) as agency_no,
    'operations' as scope_code
from owed
left join wanting using (owner_org_code)
left join affected using (owner_org_code)
left join dim_unit as unit on unit.unit_level = 'department' and unit.unit_code = owed.owner_org_code
