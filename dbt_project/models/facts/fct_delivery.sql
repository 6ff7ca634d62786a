-- One row per due delivery (feed, owner, region, sender, period) with its first accepted receipt, and
-- one per receipt nobody had to send (is_due false, outside Q01). A refused delivery (status 4) never
-- landed in the lake, so it is not a landing.
-- The sender counts only where several agencies each owe a delivery of the feed, or where nobody
-- owes it: the workbooks of two towns are two receipts.
with sent_by_several as (
    select distinct feed_code from {{ ref('stg_due_delivery') }} where sender is not null
),
logged as (
    select
        log.*,
        case when several.feed_code is not null or log.due_time is null then log.sender else '' end
            as due_sender
    from {{ ref('stg_o01_delivery_log') }} as log
    left join sent_by_several as several on several.feed_code = log.feed_code
),
receipt as (
    select
        feed_code, owner_org_code, region_code, period_start, period_end, delivery_id, landed_time,
        due_time, rows_n, valid_rows_n, quarantined_n, inserted_n, updated_n, unchanged_n,
        status, refusal, file_name, sender, is_backfill, due_sender,
        row_number() over (
            partition by feed_code, owner_org_code, region_code, due_sender, period_start, period_end
            order by case when status = '4' then 1 else 0 end, landed_time, delivery_id
        ) as ordinal,
        count(*) over (
            partition by feed_code, owner_org_code, region_code, due_sender, period_start, period_end
        ) as receipts_n
    from logged
    where landed_time is not null and landed_time <= {{ as_of() }}
),
first_receipt as (
    select * from receipt where ordinal = 1
),
due as (
    select
        feed_code, owner_org_code, region_code, coalesce(sender, '') as sender, period_start,
        period_end, min(due_time) as due_time
    from {{ ref('stg_due_delivery') }}
    group by 1, 2, 3, 4, 5, 6
),
-- Of a feed that owes deliveries of one region, what came for another came another way: it says
-- nothing about how far the feed's data reach.
owing as (
    select feed_code, region_code from due group by 1, 2
),
owing_feed as (
    select feed_code from due group by 1
)
select
    coalesce(due.feed_code, got.feed_code) as feed_code,
    coalesce(due.owner_org_code, got.owner_org_code) as owner_org_code,
    coalesce(due.region_code, got.region_code) as region_code,
    coalesce(due.period_start, got.period_start) as period_start,
    coalesce(due.period_end, got.period_end) as period_end,
    coalesce(due.due_time, got.due_time) as due_time,
    due.feed_code is not null as is_due,
    due.feed_code is null and owing_feed.feed_code is not null and owing.feed_code is null
        as is_beside,
    case when got.status <> '4' then got.landed_time end as landed_time,
    case
        when due.feed_code is null then got.status
        when got.status = '4' then '4'
        when got.landed_time is null and due.due_time < {{ as_of() }} then '3'
        when got.landed_time is null then null
        when got.landed_time <= due.due_time then '1'
        else '2'
    end as status,
    got.refusal, got.delivery_id, got.rows_n, got.valid_rows_n, got.quarantined_n, got.inserted_n,
    got.updated_n, got.unchanged_n, got.file_name,
    got.sender, coalesce(due.sender, got.due_sender) as due_sender,
    coalesce(got.is_backfill, false) as is_backfill,
    coalesce(got.receipts_n, 0) as receipts_n
from due
full outer join first_receipt as got
    on got.feed_code = due.feed_code
    and got.owner_org_code = due.owner_org_code
    and got.region_code = due.region_code
    and got.due_sender = due.sender
    and got.period_start = due.period_start
    and got.period_end = due.period_end
left join owing_feed on owing_feed.feed_code = got.feed_code
left join owing on owing.feed_code = got.feed_code and owing.region_code = got.region_code
