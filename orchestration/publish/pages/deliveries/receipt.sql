-- Grain: one row per delivery received in the last 30 days: its receipt, with the conservation
-- of rows (in = inserted + updated + deleted + unchanged + superseded + quarantined).
-- Of a feed of an L4 zone only the number of rows stands here, from 10 on: parts beside a whole would
-- give a small part back. That they add up is still checked (unbalanced_n).
select
    log.landed_time, strftime(log.landed_time, '%m-%d %H:%M') as landed_text,
    coalesce(feed_name(unit.name_zh), log.feed_code) as feed, log.feed_code, log.file_name,
    strftime(log.period_start, '%m-%d') || case when log.period_start < log.period_end
        then ' 至 ' || strftime(log.period_end, '%m-%d') else '' end as period_text,
    case when zoned_feed.feed_code is null or log.rows_n >= 10 then log.rows_n end as rows_n,
    case when zoned_feed.feed_code is null or log.rows_n >= 10 then format('{:,}', log.rows_n::bigint) else '少于10' end as rows_text,
    case when zoned_feed.feed_code is null then log.inserted_n end as inserted_n,
    case when zoned_feed.feed_code is null then format('{:,}', log.inserted_n::bigint) else '专域' end as inserted_text,
    case when zoned_feed.feed_code is null then log.updated_n end as updated_n,
    case when zoned_feed.feed_code is null then format('{:,}', log.updated_n::bigint) else '专域' end as updated_text,
    case when zoned_feed.feed_code is null then log.deleted_n end as deleted_n,
    case when zoned_feed.feed_code is null then format('{:,}', log.deleted_n::bigint) else '专域' end as deleted_text,
    case when zoned_feed.feed_code is null then log.unchanged_n end as unchanged_n,
    case when zoned_feed.feed_code is null then format('{:,}', log.unchanged_n::bigint) else '专域' end as unchanged_text,
    case when zoned_feed.feed_code is null then log.superseded_n end as superseded_n,
    case when zoned_feed.feed_code is null then format('{:,}', log.superseded_n::bigint) else '专域' end as superseded_text,
    case when zoned_feed.feed_code is null then log.quarantined_n end as quarantined_n,
    case when zoned_feed.feed_code is null then format('{:,}', log.quarantined_n::bigint) else '专域' end as quarantined_text,
    case when log.status = '4' then 0
        else log.rows_n - log.inserted_n - log.updated_n - log.deleted_n - log.unchanged_n
            - log.superseded_n - log.quarantined_n end as unbalanced_n,
    case log.status when '1' then '● 按时' when '2' then '▲ 迟到' when '4' then '■ 拒收'
        else '○ 补传' end as status_text,
    coalesce(log.refusal, '') as refusal, 'operations' as scope_code
from stg_o01_delivery_log as log
left join zoned_feed on zoned_feed.feed_code = log.feed_code
left join dim_unit as unit on unit.unit_level = 'feed' and unit.unit_code = log.feed_code
where log.landed_time > timestamp '{as_of}' - interval 30 day
    and log.landed_time <= timestamp '{as_of}'
