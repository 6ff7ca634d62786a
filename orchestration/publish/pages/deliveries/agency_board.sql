-- Grain: one row per agency that owes deliveries: the last 30 days, worst first, which feeds of it
-- came late, not at all or were refused, and the indicators that read them: now, if the newest delivery is
-- wanting, or then, if all has come since. Agencies are offices, never persons.
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
-- What is wanting now stands first; a delivery that came too late is named with its day and its delay.
named as (
    select delivery.owner_org_code, delivery.feed_code, feed_name(contract_word.name_zh) as feed,
        delivery.status, delivery.due_time,
        (delivery.owner_org_code, delivery.feed_code) in (
            select (owner_org_code, feed_code) from newest where status <> '1') as is_wanting,
        case delivery.status when '3' then '缺失' when '4' then '拒收'
            else '迟' || case when date_diff('minute', due_time, landed_time) < 60
                    then greatest(1, date_diff('minute', due_time, landed_time))::varchar || '分钟'
                when date_diff('hour', due_time, landed_time) < 48
                    then date_diff('hour', due_time, landed_time)::varchar || '小时'
                else date_diff('day', due_time, landed_time)::varchar || '天' end end as how_text
    from delivery inner join contract_word using (feed_code)
    where delivery.status <> '1'
),
by_feed as (
    select owner_org_code, feed, bool_or(is_wanting) as is_wanting, max(due_time) as last_due,
        feed || '（' || string_agg(strftime(due_time, '%m-%d') || ' ' || how_text, '、' order by due_time desc) || '）' as words
    from named group by owner_org_code, feed
),
wanting as (
    select owner_org_code, string_agg(words, '；' order by is_wanting desc, last_due desc, feed) as feeds_text
    from by_feed group by all
),
affected as (
    select owner_org_code,
        coalesce('现在：' || string_agg(indicator, '、' order by indicator) filter (where is_wanting), '') as now_text,
        coalesce('其后已到：' || string_agg(indicator, '、' order by indicator) filter (where not is_wanting), '') as then_text
    from (
        select named.owner_org_code, registry.name_zh as indicator, bool_or(named.is_wanting) as is_wanting
        from named
        inner join dim_indicator as registry
            on list_contains(string_split(replace(registry.sources, ' ', ''), ';'), named.feed_code)
        group by all)
    group by all
)
select
    coalesce(unit.name_zh, owed.owner_org_code) as agency_text, feeds_n, due_n, late_n, missing_n, refused_n,
    printf('%.1f%%', 100.0 * on_time_n / due_n) as on_time_text,
    coalesce(printf('%.2f%%', 100.0 * quarantined_n / nullif(rows_n, 0)), '—') as quarantined_text,
    case when missing_n + refused_n > 0 then '■ 有缺失或拒收' when on_time_n < 0.99 * due_n then '▲ 低于99%'
        else '● 按时' end as state_text,
    coalesce(wanting.feeds_text, '—') as wanting_text,
    coalesce(nullif(concat_ws('；', nullif(affected.now_text, ''), nullif(affected.then_text, '')), ''), '—') as affected_text,
    row_number() over (order by missing_n + refused_n desc, on_time_n / due_n, unit.name_zh) as agency_no,
    'operations' as scope_code
from owed
left join wanting using (owner_org_code)
left join affected using (owner_org_code)
left join dim_unit as unit on unit.unit_level = 'department' and unit.unit_code = owed.owner_org_code
